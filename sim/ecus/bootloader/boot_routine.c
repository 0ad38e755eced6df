/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_routine.c - 31: the built-in functions that a personality gives
 * identifiers to. */
#include "sim/ecus/bootloader/bootloader.h"

#include "sim/ecus/bootloader/boot_arguments.h"

#include <string.h>

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

/* What a function works on. */
struct call {
    const struct boot_routine_row *row;
    const struct uds_request *req;
    struct uds_response *rsp;
    struct boot_arguments arguments;
};

static void put_answer(struct call *call, const struct boot_bytes *answer)
{
    memcpy(call->rsp->data + call->rsp->len, answer->bytes, answer->len);
    call->rsp->len = (uint16_t)(call->rsp->len + answer->len);
}

/* The row's own answer, or the code of the built-in function. */
static void put_bad(struct call *call, uint8_t code)
{
    if (call->row->bad.len != 0) {
        put_answer(call, &call->row->bad);
    } else {
        call->rsp->data[call->rsp->len++] = code;
    }
}

static enum uds_nrc start_preconditions(struct bootloader *boot, struct call *call)
{
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
    boot_put_preconditions(call->row, (uint8_t)unmet, call->rsp);
    return UDS_POSITIVE;
}

void boot_put_preconditions(const struct boot_routine_row *row, uint8_t unmet,
                            struct uds_response *rsp)
{
    struct call call = {.row = row, .rsp = rsp};
    if (unmet == 0 && row->good.len != 0) {
        put_answer(&call, &row->good);
    } else {
        put_bad(&call, unmet);
    }
}

static void all_regions(const struct boot_cfg *cfg, struct boot_range *range)
{
    range->start = cfg->regions[0].start;
    range->end = cfg->regions[cfg->regions_len - 1].end;
}

static enum uds_nrc erase_range(const struct bootloader *boot, const struct call *call,
                                struct boot_range *range)
{
    const struct boot_arguments *arguments = &call->arguments;
    if (!arguments->has_block && !arguments->has_address) {
        all_regions(boot->cfg, range);
        return UDS_POSITIVE;
    }
    const bool known = boot_arguments_range(boot->persona, arguments, &range->start, &range->end);
    const bool whole =
        range->start % BOOT_SECTOR_LEN == 0 && (range->end - range->start) % BOOT_SECTOR_LEN == 0;
    return known && whole && boot_range_allowed(boot->cfg, range->start, range->end)
               ? UDS_POSITIVE
               : UDS_NRC_OUT_OF_RANGE;
}

/* Paper, 4.1.1: an erase whose answer was lost is asked for again, and must not run again. */
static bool blank_already(const struct bootloader *boot, const struct boot_range *range)
{
    struct boot_range erased;
    return !boot_lab_quirks(boot->cfg->lab)->erases_again && boot_erased_range(boot, &erased) &&
           boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE) == BOOT_ERASE_DONE &&
           range->start >= erased.start && range->end <= erased.end;
}

/* Polled: the answer goes out now, and the job goes on without a request. */
static enum uds_nrc begin_erase(struct bootloader *boot, struct call *call,
                                const struct boot_range *range)
{
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_ERASE);
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    boot_erase_begin(boot, range);
    boot->job_silent = call->row->polled;
    put_answer(call, call->row->polled ? &call->row->busy : &call->row->good);
    return call->row->polled ? UDS_POSITIVE : nrc;
}

static enum uds_nrc start_erase(struct bootloader *boot, struct call *call)
{
    struct boot_range range;
    enum uds_nrc nrc = erase_range(boot, call, &range);
    if (nrc != UDS_POSITIVE) {
        return nrc;
    }
    if (call->arguments.check != NULL) {
        boot_transfer_foretell(boot, call->arguments.check);
    }
    if (boot->job == BOOT_JOB_ERASE) {
        put_answer(call, &call->row->busy);
        return UDS_POSITIVE;
    }
    const bool lies = boot_lab_quirks(boot->cfg->lab)->keeps_image;
    if (lies || (!boot->unusable && blank_already(boot, &range))) {
        put_answer(call, &call->row->good);
        return UDS_POSITIVE;
    }
    nrc = boot->polled_nrc;
    boot->polled_nrc = UDS_POSITIVE;
    if (nrc == UDS_POSITIVE) {
        nrc = boot_supply_nrc(boot);
    }
    return nrc == UDS_POSITIVE ? begin_erase(boot, call, &range) : nrc;
}

static enum uds_nrc erase_results(struct bootloader *boot, struct call *call)
{
    struct boot_range range;
    if (boot_erased_range(boot, &range)) {
        put_answer(call, &call->row->good);
    } else if (boot_nvm_read(boot->hal, BOOT_NVM_ERASE_STATE) != BOOT_ERASE_RUNNING) {
        put_bad(call, ERASE_UNKNOWN);
    } else if (boot->job == BOOT_JOB_ERASE) {
        put_answer(call, &call->row->busy);
    } else {
        put_bad(call, ERASE_BROKEN);
    }
    return UDS_POSITIVE;
}

static enum uds_nrc start_check(struct bootloader *boot, struct call *call)
{
    const struct boot_arguments *arguments = &call->arguments;
    const bool named = arguments->has_block || (arguments->has_address && arguments->has_length);
    struct boot_range range;
    if (named && !boot_arguments_range(boot->persona, arguments, &range.start, &range.end)) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    const enum uds_nrc nrc =
        boot_transfer_begin_check(boot, named ? &range : NULL, arguments->check);
    if (nrc == UDS_NRC_RESPONSE_PENDING || nrc == UDS_POSITIVE) {
        put_answer(call, &call->row->good);
    }
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot->job_bad = call->row->bad.len != 0 ? &call->row->bad : NULL;
    }
    return nrc;
}

static enum dependency judge(struct bootloader *boot, const struct boot_arguments *arguments)
{
    struct boot_header header;
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        return DEPENDENCY_GOOD;
    }
    const uint16_t verified = boot->transfer.verified_len;
    if (verified == 0 || (arguments->has_count && arguments->count != verified)) {
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

static enum uds_nrc mark_valid(struct bootloader *boot)
{
    if (boot_lab_quirks(boot->cfg->lab)->keeps_image) {
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_ACCEPT);
    if (nrc == UDS_NRC_RESPONSE_PENDING) {
        boot_nvm_write(boot->hal, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_NONE);
    }
    return nrc;
}

/* The request is withdrawn by now: beside a valid application it would hold the bootloader back
 * after a cut, and the version that it reads from the header there would be taken for the word of
 * an application that does not run yet. */
enum boot_step boot_accept_step(struct bootloader *boot)
{
    if (boot->job_begun) {
        return boot_end_job(boot, UDS_POSITIVE);
    }
    boot->job_begun = true;
    boot_nvm_write(boot->hal, BOOT_NVM_APPLICATION_VALID, BOOT_VALID);
    boot->runnable = true;
    boot->hung = false;
    return BOOT_STEP_WAIT_NVM;
}

static enum uds_nrc start_dependencies(struct bootloader *boot, struct call *call)
{
    const enum dependency result = judge(boot, &call->arguments);
    if (result != DEPENDENCY_GOOD) {
        put_bad(call, (uint8_t)result);
        return UDS_POSITIVE;
    }
    put_answer(call, &call->row->good);
    return call->row->commits ? mark_valid(boot) : UDS_POSITIVE;
}

static enum uds_nrc start_commit(struct bootloader *boot, struct call *call)
{
    if (judge(boot, &call->arguments) != DEPENDENCY_GOOD) {
        if (call->row->bad.len == 0) {
            return UDS_NRC_CONDITIONS;
        }
        put_answer(call, &call->row->bad);
        return UDS_POSITIVE;
    }
    put_answer(call, &call->row->good);
    return mark_valid(boot);
}

static enum uds_nrc start_loader(struct bootloader *boot, struct call *call)
{
    const uint32_t entry =
        call->arguments.has_address ? call->arguments.address : boot->loader.checked.start;
    put_answer(call, &call->row->good);
    return boot_loader_start(boot, entry);
}

static enum uds_nrc start_hook(struct bootloader *boot, struct call *call)
{
    return boot_routine_hook(boot->cfg, call->row, call->req, call->rsp);
}

enum uds_nrc boot_routine_hook(const struct boot_cfg *cfg, const struct boot_routine_row *row,
                               const struct uds_request *req, struct uds_response *rsp)
{
    const struct boot_hook *hook = &cfg->hook;
    if (hook->call == NULL) {
        return UDS_NRC_CONDITIONS;
    }
    const int got = hook->call(hook->ctx, row->hook, req->data + BOOT_ROUTINE_ANSWER_AT,
                               (uint16_t)(req->len - BOOT_ROUTINE_ANSWER_AT), rsp->data + rsp->len,
                               (uint16_t)(rsp->cap - rsp->len));
    if (got < 0) {
        return (enum uds_nrc) - got;
    }
    rsp->len = (uint16_t)(rsp->len + (uint16_t)got);
    return UDS_POSITIVE;
}

typedef enum uds_nrc function(struct bootloader *boot, struct call *call);

static function *find_function(const struct boot_routine_row *row, uint8_t sub)
{
    static function *const starts[] = {
        [BOOT_DO_PRECONDITIONS] = start_preconditions,
        [BOOT_DO_ERASE] = start_erase,
        [BOOT_DO_CHECK_MEMORY] = start_check,
        [BOOT_DO_DEPENDENCIES] = start_dependencies,
        [BOOT_DO_COMMIT] = start_commit,
        [BOOT_DO_START_LOADER] = start_loader,
        [BOOT_DO_HOOK] = start_hook,
    };
    if (sub == UDS_ROUTINE_START) {
        return starts[row->function];
    }
    return sub == UDS_ROUTINE_RESULTS && row->function == BOOT_DO_ERASE ? erase_results : NULL;
}

const struct boot_routine_row *boot_routine_of(const struct boot_personality *persona, uint16_t rid,
                                               enum boot_where where)
{
    for (uint8_t i = 0; i < persona->routines_len; i++) {
        const struct boot_routine_row *row = &persona->routines[i];
        if (row->rid == rid && (row->where & (unsigned)where) != 0) {
            return row;
        }
    }
    return NULL;
}

static enum uds_nrc read_option(const struct bootloader *boot, struct call *call)
{
    const uint16_t len = (uint16_t)(call->req->len - BOOT_ROUTINE_ANSWER_AT);
    if (call->req->data[1] == UDS_ROUTINE_RESULTS) {
        return len == 0 ? UDS_POSITIVE : UDS_NRC_LENGTH;
    }
    if (call->row->function == BOOT_DO_HOOK) {
        return UDS_POSITIVE;
    }
    return boot_arguments_read(boot->persona, &call->row->option, boot_check_len(boot),
                               call->req->data + BOOT_ROUTINE_ANSWER_AT, len, &call->arguments);
}

enum uds_nrc boot_on_routine(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    struct bootloader *boot = ctx;
    struct call call = {.req = req, .rsp = rsp};
    call.row = boot_routine_of(boot->persona, proto_get_u16(req->data + 2), boot_runs_as(boot));
    if (call.row == NULL || (call.row->sessions & boot_in_session(boot)) == 0) {
        return UDS_NRC_OUT_OF_RANGE;
    }
    function *run = find_function(call.row, req->data[1]);
    if (run == NULL) {
        return UDS_NRC_SUBFUNCTION_NOT_SUPPORTED;
    }
    if (!boot_lock_passes(&boot->lock, call.row->level)) {
        return UDS_NRC_SECURITY_DENIED;
    }
    rsp->data[2] = req->data[2];
    rsp->data[3] = req->data[3];
    rsp->len = BOOT_ROUTINE_ANSWER_AT;
    const enum uds_nrc nrc = read_option(boot, &call);
    return nrc == UDS_POSITIVE ? run(boot, &call) : nrc;
}
