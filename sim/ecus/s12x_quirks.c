/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_quirks.c - hooks and quirks of an S12X ECU: what the laboratory gives its software,
 * and what the chip itself has to do for them. */
#include "sim/ecus/s12x_ecu_private.h"

#define P2_STAR_NS SIM_S(5)
#define PENDING_NS SIM_MS(30) /* The first 0x78 of a slow erase: well within any P2. */

/* With 0x78 as often as it would send them anyway. */
static void slow_down(const struct s12x_ecu *ecu, struct uds_plan *plan)
{
    const sim_ns_t configured_ns = ecu->cfg.boot.p2_star_ns;
    sim_ns_t p2_star_ns = configured_ns != 0 ? configured_ns : P2_STAR_NS;
    if (ecu->quirks.p2_star_ns != 0) {
        p2_star_ns = ecu->quirks.p2_star_ns;
    }
    const sim_ns_t every_ns = p2_star_ns - p2_star_ns / 4;
    plan->pendings = (uint16_t)((ecu->quirks.erase_ns + every_ns - 1) / every_ns);
    plan->pending_every_ns = ecu->quirks.erase_ns / plan->pendings;
    plan->pending_first_ns = PENDING_NS;
}

/* A quirk of the ECU is its nature: a hook comes after it, and may overrule it. */
static void on_request(void *ctx, const struct uds_request *req, struct uds_plan *plan)
{
    struct s12x_ecu *ecu = ctx;
    const struct uds_hooks *hooks = &ecu->uds_hooks;
    const bool erase = req->len >= 4 && req->data[0] == UDS_ROUTINE_CONTROL &&
                       req->data[1] == UDS_ROUTINE_START &&
                       proto_get_u16(req->data + 2) == UDS_RID_ERASE_MEMORY;
    ecu->requested_ns = req->now_ns;
    if (erase && ecu->quirks.erase_ns != 0) {
        slow_down(ecu, plan);
    }
    if (hooks->on_request != NULL) {
        hooks->on_request(hooks->ctx, req, plan);
    }
}

static bool on_response(void *ctx, struct uds_response *rsp, proto_ns_t *not_before_ns,
                        proto_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    const struct uds_hooks *hooks = &ecu->uds_hooks;
    if (ecu->quirks.answer_ns != 0) {
        *not_before_ns = ecu->requested_ns + ecu->quirks.answer_ns;
    }
    return hooks->on_response == NULL || hooks->on_response(hooks->ctx, rsp, not_before_ns, now_ns);
}

static void apply_buffer(const struct ecu_quirks *quirks, struct isotp_flow *flow)
{
    if (quirks->sets_flow) {
        flow->block_size = quirks->block_size;
        flow->st_min = quirks->st_min;
    }
    if (quirks->buffer_bytes != 0 && flow->len_bytes > quirks->buffer_bytes) {
        flow->status = ISOTP_FS_OVERFLOW;
    } else if (flow->number < quirks->waits) {
        flow->status = ISOTP_FS_WAIT;
        flow->again_ns = quirks->wait_ns;
    }
}

static void on_flow(void *ctx, struct isotp_flow *flow, proto_ns_t now_ns)
{
    struct s12x_ecu *ecu = ctx;
    const struct isotp_hooks *hooks = &ecu->isotp_hooks;
    apply_buffer(&ecu->quirks, flow);
    if (hooks->on_flow != NULL) {
        hooks->on_flow(hooks->ctx, flow, now_ns);
    }
}

static void update(struct s12x_ecu *ecu)
{
    struct boot_lab *lab = &ecu->lab;
    const struct ecu_quirks *quirks = &ecu->quirks;
    lab->quirks = quirks->software;
    lab->uds = (struct uds_hooks){.ctx = ecu,
                                  .on_request = on_request,
                                  .on_response = on_response,
                                  .s3_strict = quirks->s3_strict || ecu->uds_hooks.s3_strict,
                                  .p2_ns = quirks->p2_ns,
                                  .p2_star_ns = quirks->p2_star_ns};
    lab->isotp = (struct isotp_hooks){.ctx = ecu, .on_flow = on_flow};
}

void s12x_ecu_set_diagnostic_hooks(struct s12x_ecu *ecu, const struct uds_hooks *uds,
                                   const struct isotp_hooks *isotp)
{
    ecu->uds_hooks = uds != NULL ? *uds : (struct uds_hooks){.ctx = NULL};
    ecu->isotp_hooks = isotp != NULL ? *isotp : (struct isotp_hooks){.ctx = NULL};
    update(ecu);
}

void s12x_ecu_set_quirks(struct s12x_ecu *ecu, const struct ecu_quirks *quirks)
{
    CHECK(quirks->blocks_lost <= BOOT_TAKEN_MAX);
    const bool hurries = ecu->quirks.erase_ns != 0 && quirks->erase_ns == 0;
    ecu->quirks = *quirks;
    update(ecu);
    if (hurries) {
        s12x_ecu_end_pendings(ecu);
    }
}

void s12x_ecu_end_pendings(struct s12x_ecu *ecu)
{
    if (ecu->base.run == ECU_BOOTLOADER) {
        uds_server_end_pendings(&ecu->boot.uds, ecu->base.sim->now_ns);
    } else if (ecu->base.run == ECU_APPLICATION) {
        uds_server_end_pendings(&ecu->app.server, ecu->base.sim->now_ns);
    }
    s12x_ecu_wake(ecu);
}

const struct ecu_quirks *s12x_ecu_quirks(const struct s12x_ecu *ecu)
{
    return &ecu->quirks;
}

/* Q7: what was acknowledged last never reached the flash. Phrases that a block shares with the one
 * before it stay. */
void s12x_quirks_power_lost(struct s12x_ecu *ecu)
{
    struct boot_kept *kept = &ecu->lab.kept;
    for (uint8_t i = 0; i < kept->taken_len && i < ecu->quirks.blocks_lost; i++) {
        s12x_flash_unprogram(ecu->flash, kept->taken[i].start, kept->taken[i].end);
    }
    kept->taken_len = 0;
}
