/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_points.c - notes the operations of a run. */
#include "scenarios/explore/explore_points.h"

#include "sim/can/can_wire.h"

static const struct {
    char letter;
    const char *text;
} kinds[EXPLORE_OP_KINDS] = {
    [EXPLORE_FLASH] = {'f', "flash commands"},
    [EXPLORE_EEPROM] = {'e', "steps of emulated EEPROM"},
    [EXPLORE_FRAME] = {'b', "bus frames"},
};

char explore_op_letter(enum explore_op_kind kind)
{
    return kinds[kind].letter;
}

const char *explore_op_kind_text(enum explore_op_kind kind)
{
    return kinds[kind].text;
}

static void add(struct explore_points *points, const struct explore_op *op)
{
    if (!points->watching) {
        return;
    }
    const uint32_t number = ++points->numbers[op->kind];
    if (points->len == points->cap) {
        points->full = true;
        return;
    }
    const enum s12x_supply_state supply = s12x_ecu_base(points->world->target)->supply_state;
    struct explore_op *to = &points->ops[points->len++];
    *to = *op;
    to->number = number;
    to->powered = supply == S12X_SUPPLY_LOW || supply == S12X_SUPPLY_GOOD;
}

static void add_flash(struct explore_points *points, const struct s12x_op *op,
                      enum explore_op_kind kind)
{
    add(points, &(struct explore_op){.kind = (uint8_t)kind,
                                     .command = op->command,
                                     .what = op->address,
                                     .start_ns = op->start_ns,
                                     .end_ns = op->start_ns + op->duration_ns});
}

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    (void)fault;
    add_flash(ctx, op, EXPLORE_FLASH);
}

static void on_step(void *ctx, const struct s12x_op *op)
{
    add_flash(ctx, op, EXPLORE_EEPROM);
}

static void on_transmit(void *ctx, const struct can_node *sender, struct can_frame *frame,
                        struct can_tap_verdict *verdict, sim_ns_t now_ns)
{
    struct explore_points *points = ctx;
    const struct can_bus_cfg *bus = &s12x_ecu_base(points->world->target)->bus->cfg;
    const struct can_wire wire = can_wire_measure(frame);
    (void)sender;
    (void)verdict;
    add(points, &(struct explore_op){
                    .kind = EXPLORE_FRAME,
                    .what = frame->id,
                    .start_ns = now_ns,
                    .end_ns = now_ns + can_wire_duration_ns(&wire, bus->nominal_bps, bus->data_bps),
                });
}

void explore_points_watch(struct explore_points *points, struct explore_world *world,
                          struct explore_op *ops, size_t cap)
{
    *points = (struct explore_points){.ops = ops, .cap = cap, .world = world, .watching = true};
    points->tap = (struct can_tap){.ctx = points, .on_transmit = on_transmit};
    can_bus_add_tap(s12x_ecu_base(world->target)->bus, &points->tap);
    s12x_ecu_set_flash_hooks(
        world->target,
        &(struct s12x_hooks){.ctx = points, .on_launch = on_launch, .on_step = on_step});
}

void explore_points_stop(struct explore_points *points)
{
    if (!points->watching) {
        return;
    }
    points->watching = false;
    can_bus_remove_tap(s12x_ecu_base(points->world->target)->bus, &points->tap);
    s12x_ecu_set_flash_hooks(points->world->target, &(struct s12x_hooks){.ctx = NULL});
}
