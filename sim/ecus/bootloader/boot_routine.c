/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_routine.c - 31: preconditions, erase, programming dependencies. */
#include "sim/ecus/bootloader/bootloader.h"

enum {
    OPTION_AT = 4, /* 31, sub-function, identifier, then the option record. */
    RANGE_LEN = 9,
    RANGE_FORMAT = 0x44 /* Four bytes of length, four of address. */
};

enum precondition {
    IGNITION_OFF = 1u << 0,
    ENGINE_RUNNING = 1u << 1,
    NOT_IN_PARK = 1u << 2,
    MOVING = 1u << 3,
    SUPPLY_LOW = 1u << 4,
    SUPPLY_HIGH = 1u << 5
};

enum erase_result { ERASE_DONE = 0, ERASE_RUNNING = 1, ERASE_BROKEN = 2, ERASE_UNKNOWN = 3 };

enum dependency {
    DEPENDENCY_GOOD = 0,
    DEPENDENCY_SEGMENTS = 1,
    DEPENDENCY_NO_HEADER = 2,
    DEPENDENCY_HARDWARE = 3
};

static enum uds_nrc start_preconditions(struct bootloader *boot, const struct uds_request *req,
                                        struct uds_response *rsp)
{
    if (req->len != OPTION_AT) {
        return UDS_NRC_LENGTH;
    }
    struct boot_vehicle_state state = {0};
    boot->hal->vehicle_state(boot->hal->ctx, &state);
    const enum uds_nrc supply = boot_supply_nrc(boot);
    unsigned unmet = 0;
    unmet |= state.ignition_on ? 0u : IGNITION_OFF;
    unmet |= state.engine_running ? ENGINE_RUNNING : 0u;
    unmet |= state.gear_in_park ? 0u : NOT_IN_PARK;
    unmet |= state.speed_kmh != 0 ? MOVING : 0u;
    unmet |= supply == UDS_NRC_VOLTAGE_TOO_LOW ? SUPPLY_LOW : 0u;
    unmet |= supply == UDS_NRC_VOLTAGE_TOO_HIGH ? SUPPLY_HIGH : 0u;
    rsp->data[rsp->len++] = (uint8_t)unmet;
    return UDS_POSITIVE;
}

static void all_regions(const struct boot_cfg *cfg, struct boot_range *range)
{
    range->start = cfg->regions[0].start;
    range->end = cfg->regions[cfg->regions_len - 1].end;
}

static enum uds_nrc parse_range(const struct bootloader *boot, const struct uds_request *req,
                                struct boot_range *range)
{
    if (req->len == OPTION_AT) {
        all_regions(boot->cfg, range);
        return UDS_POSITIVE;
    }
    if (req->len != OPTION_AT + RANGE_LEN) {
        return UDS_NRC_LENGTH;
    }
    const uint8_t *option = req->data + OPTION_AT;
    const uint32_t len = proto_get_u32(option + 5);
    range->start = proto_get_u32(option + 1);
    range->end = range->start + len;
    const bool whole = range->start % BOOT_SECTOR_LEN == 0 && len % BOOT_SECTOR_LEN == 0;
    if (option[0] != RANGE_FORMAT || !whole || len > UINT32_MAX - range->start ||
        !boot_range_allowed(boot->cfg, range->start, range->end)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    return UDS_POSITIVE;
}

/* Paper, 4.1.1: an erase whose answer was lost is asked for again, and must not run again. */
static bool blank_already(const struct bootloader *boot, const struct boot_range *range)
{
    struct boot_range erased;
    return !boot_lab_quirks(boot->cfg->lab)->erases_again && boot_erased_range(boot, &erased) &&
           boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE) == BOOT_ERASE_DONE &&
           range->start >= erased.start && range->end <= erased.end;
}

static enum uds_nrc start_erase(struct bootloader *boot, const struct uds_request *req,
                                struct uds_response *rsp)
{
    struct boot_range range;
    enum uds_nrc nrc = parse_range(boot, req, &range);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    rsp->data[rsp->len++] = ERASE_DONE;
    const bool lies = boot_lab_quirks(boot->cfg->lab)->keeps_image;
    if (lies || (!boot->unusable && blank_already(boot, &range))) {
        return UDS_POSITIVE;
    }
    nrc = boot_supply_nrc(boot);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    nrc = boot_begin_job(boot, BOOT_JOB_ERASE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_erase_begin(boot, &range);
    }
    return nrc;
}

static enum uds_nrc erase_results(struct bootloader *boot, const struct uds_request *req,
                                  struct uds_response *rsp)
{
    struct boot_range range;
    if (req->len != OPTION_AT) {
        return UDS_NRC_LENGTH;
    }
    uint8_t result = ERASE_UNKNOWN;
    if (boot_erased_range(boot, &range)) {
        result = ERASE_DONE;
    } else if (boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE) == BOOT_ERASE_RUNNING) {
        result = boot->job == BOOT_JOB_ERASE ? ERASE_RUNNING : ERASE_BROKEN;
    }
    rsp->data[rsp->len++] = result;
    return UDS_POSITIVE;
}

static enum dependency judge(struct bootloader *boot, const struct uds_request *req)
{
    struct boot_header header;
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        return DEPENDENCY_GOOD;
    }
    const uint16_t verified = boot->transfer.verified_len;
    const bool counted = req->len > OPTION_AT;
    if (verified == 0 || (counted && proto_get_u16(req->data + OPTION_AT) != verified)) {
        return DEPENDENCY_SEGMENTS;
    }
    if (!boot_read_header(boot, &header)) {
        return DEPENDENCY_NO_HEADER;
    }
    if (!boot_text_equal(header.hardware_id, boot->cfg->hardware_id)) {
        return DEPENDENCY_HARDWARE;
    }
    return header.segments != 0 && header.segments != verified ? DEPENDENCY_SEGMENTS
                                                               : DEPENDENCY_GOOD;
}

static enum uds_nrc start_dependencies(struct bootloader *boot, const struct uds_request *req,
                                       struct uds_response *rsp)
{
    if (req->len != OPTION_AT && req->len != OPTION_AT + 2) {
        return UDS_NRC_LENGTH;
    }
    const enum dependency result = judge(boot, req);
    rsp->data[rsp->len++] = (uint8_t)result;
    if (result != DEPENDENCY_GOOD || boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_nvm_write(boot->hal, BOOT_NVM_APPLICATION_VALID, BOOT_VALID);
        boot->runnable = true;
        boot->hung = false;
    }
    return nrc;
}

typedef enum uds_nrc routine(struct bootloader *boot, const struct uds_request *req,
                             struct uds_response *rsp);

static const struct row {
    uint16_t rid;
    bool programming; /* In the unlocked programming session only. */
    routine *start;
    routine *results; /* Null: it has none. */
} rows[] = {
    {UDS_RID_CHECK_PRECONDITIONS, false, start_preconditions, NULL},
    {UDS_RID_ERASE_MEMORY, true, start_erase, erase_results},
    {UDS_RID_CHECK_DEPENDENCIES, true, start_dependencies, NULL},
};

static const struct row *find(uint16_t rid)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].rid == rid) {
            return &rows[i];
        }
    }
    return NULL;
}

enum uds_nrc boot_on_routine(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    const struct row *row = find(proto_get_u16(req->data + 2));
    if (row == NULL || (row->programming && boot->uds.session != UDS_SESSION_PROGRAMMING)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    routine *run = req->data[1] == UDS_ROUTINE_START ? row->start : row->results;
    if (run == NULL) {
        return UDS_NRC_SUBFUNCTION_NOT_SUPPORTED;
    }
    if (row->programming && !boot->uds.unlocked) {
        return UDS_NRC_SECURITY_DENIED;
    }
    rsp->data[2] = req->data[2];
    rsp->data[3] = req->data[3];
    rsp->len = OPTION_AT;
    return run(boot, req, rsp);
}
