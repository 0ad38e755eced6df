/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/case_stop.c - runs a play in pieces. An instant at which nothing is due is no
 * event: guests, scenario and digest do not notice it. */
#include "scenarios/engine/case_stop.h"

#include "scenarios/engine/case_world.h"

void case_stop_begin(struct case_world *world)
{
    const struct case_stop *stop = world->cfg.stop;
    world->stops = stop != NULL;
    world->stop_ns = stop != NULL ? stop->at_ns : SIM_NEVER;
    if (stop != NULL && stop->begin != NULL) {
        stop->begin(stop->ctx, world);
    }
}

static void look(struct case_world *world, bool over)
{
    const struct case_stop *stop = world->cfg.stop;
    sim_ns_t next_ns = SIM_NEVER;
    world->given_up = !stop->look(stop->ctx, world, over, &next_ns);
    world->stop_ns = next_ns;
    world->stops = next_ns != SIM_NEVER;
}

int case_stop_run(struct case_world *world, sim_ns_t until_ns, struct err *err)
{
    struct master_seat *seat = &world->seat;
    while (!world->given_up && world->stop_ns < until_ns) {
        const int code = master_seat_run(seat, world->stop_ns, err);
        if (code != 0 || seat->turn_over) {
            return code;
        }
        look(world, false);
    }
    return world->given_up ? 0 : master_seat_run(seat, until_ns, err);
}

void case_stop_end(struct case_world *world)
{
    while (!world->given_up && world->stops) {
        look(world, true);
    }
}
