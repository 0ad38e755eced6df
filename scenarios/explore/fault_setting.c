/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_setting.c - the table of settings, and how they begin. */
#include "scenarios/explore/fault_setting.h"

#include "master/ota_hash.h"
#include "scenarios/engine/capability.h"
#include "scenarios/explore/explore_verdict.h"
#include "scenarios/explore/fault_lua.h"
#include "sim/ecus/bootloader/boot_header.h"
#include "sim/proto/uds.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRIAL_VERSION "1.9.0" /* Of the application that does not come up. */
#define PAUSE_NS      SIM_S(1)

/* Packages. */

static void declare(struct explore_world *world)
{
    const struct ota_image *image = &world->new_image;
    ota_hex(image->sha256, sizeof image->sha256, world->job.sha256_hex);
    world->job.file_bytes = image->file_bytes;
}

static int give(struct explore_world *world, char *text, size_t len, struct err *err)
{
    if (text == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for a package");
    }
    declare(world);
    explore_world_give(world, text, len);
    return 0;
}

static uint32_t hex_at(const char *text, size_t digits)
{
    char copy[9] = "";
    memcpy(copy, text, digits);
    return (uint32_t)strtoul(copy, NULL, 16);
}

/* Another first byte of data in a line, with the checksum that fits. */
static void alter(char *line)
{
    static const char digits[] = "0123456789ABCDEF";
    enum { DATA = 10 }; /* Of an S2 record. */
    const uint32_t nibble = hex_at(line + DATA, 1) ^ 0xAu;
    uint32_t sum = 0;
    line[DATA] = digits[nibble];
    const size_t len = hex_at(line + 2, 2);
    for (size_t i = 0; i < len; i++) {
        sum += hex_at(line + 2 + 2 * i, 2);
    }
    line[2 + 2 * len] = digits[~sum >> 4 & 0xFu];
    line[3 + 2 * len] = digits[~sum & 0xFu];
}

static int begin_altered(struct fault_setting_state *state, struct err *err)
{
    size_t len = 0;
    char *text = explore_world_make_image(state->world, EXPLORE_NEW_VERSION, 0, &len);
    if (text != NULL) {
        char *line = memchr(text + len / 2, '\n', len / 2);
        CHECK(line != NULL);
        alter(line + 1);
    }
    return give(state->world, text, len, err);
}

static int begin_shorter(struct fault_setting_state *state, struct err *err)
{
    size_t len = 0;
    char *text = explore_world_make_image(state->world, EXPLORE_NEW_VERSION, 0, &len);
    return give(state->world, text, len / 2, err);
}

static int begin_longer(struct fault_setting_state *state, struct err *err)
{
    size_t len = 0;
    size_t more = 0;
    char *text = explore_world_make_image(state->world, EXPLORE_NEW_VERSION, 0, &len);
    char *second = explore_world_make_image(state->world, EXPLORE_OLD_VERSION, 0, &more);
    char *both = text != NULL && second != NULL ? malloc(len + more) : NULL;
    if (both != NULL) {
        memcpy(both, text, len);
        memcpy(both + len, second, more);
    }
    free(text);
    free(second);
    return give(state->world, both, len + more, err);
}

static int begin_foreign(struct fault_setting_state *state, struct err *err)
{
    (void)err;
    (void)snprintf(state->world->job.hardware_id, sizeof state->world->job.hardware_id,
                   "OTHER-HW-9");
    return 0;
}

static int begin_other_base(struct fault_setting_state *state, struct err *err)
{
    (void)err;
    (void)snprintf(state->world->job.from_version, sizeof state->world->job.from_version, "9.9.9");
    return 0;
}

static int begin_dead(struct fault_setting_state *state, struct err *err)
{
    struct explore_world *world = state->world;
    size_t len = 0;
    char *text = explore_world_make_image(world, TRIAL_VERSION, BOOT_BEHAVE_NO_BOOT, &len);
    const int rc = explore_world_parse_image(world, text, len, &world->trial, err);
    if (rc != 0) {
        free(text);
        return rc;
    }
    explore_world_give(world, text, len);
    (void)snprintf(world->job.version, sizeof world->job.version, TRIAL_VERSION);
    return 0;
}

/* Storage that does not keep what it was given: a bit of each copy of the image flips once the
 * ECU is asked for its programming session. Master in process only. */
static void rot(struct fault_setting_state *state, const struct isotp_watch_message *message)
{
    enum { PIECE = 32 };
    const struct ota_segment *segment = &state->world->new_image.segments[0];
    const uint8_t *piece = &segment->bytes[segment->len_bytes / 2];
    if (state->done || message->uds.service != UDS_SESSION_CONTROL ||
        message->uds.sub != UDS_SUB(UDS_SESSION_PROGRAMMING)) {
        return;
    }
    state->done = true;
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        struct master_file *file = &state->world->files.list[i];
        uint8_t *at = file->name[0] != '\0' && file->len > 0
                          ? memmem(file->bytes, file->len, piece, PIECE)
                          : NULL;
        if (at != NULL) {
            at[PIECE / 2] ^= 0x10;
        }
    }
}

/* Natures of ECUs. */

static void set_quirks(struct fault_setting_state *state, const struct ecu_quirks *quirks)
{
    s12x_ecu_set_quirks(state->world->target, quirks);
}

static int begin_liar(struct fault_setting_state *state, struct err *err)
{
    struct ecu_quirks quirks = state->quirks;
    (void)err;
    ecu_quirks_add(&quirks, ECU_QUIRK_LIAR);
    set_quirks(state, &quirks);
    return 0;
}

/* Longer than S3 and than P2*. */
static int begin_slow_erase(struct fault_setting_state *state, struct err *err)
{
    struct ecu_quirks quirks = state->quirks;
    (void)err;
    quirks.s3_strict = true;
    quirks.erase_ns = SIM_S(12);
    set_quirks(state, &quirks);
    return 0;
}

static int begin_endless_erase(struct fault_setting_state *state, struct err *err)
{
    struct ecu_quirks quirks = state->quirks;
    (void)err;
    quirks.erase_ns = SIM_S(36000);
    set_quirks(state, &quirks);
    return 0;
}

/* It takes longer for a frame than the bus, and says so: who sends more than block size, or sooner
 * than STmin, sends more frames than fit its buffers. */
static int begin_slow_receiver(struct fault_setting_state *state, struct err *err)
{
    struct ecu_quirks quirks = state->quirks;
    (void)err;
    quirks.sets_flow = true;
    quirks.block_size = 8;
    quirks.st_min = 1;
    set_quirks(state, &quirks);
    s12x_ecu_set_frame_time(state->world->target, SIM_US(1900));
    return 0;
}

/* An ECU that changes to its programming session only after its preconditions were asked for since
 * its last start, and once the network is quiet. */

static bool note_asked(void *ctx, sim_ns_t now_ns)
{
    struct fault_setting_state *state = ctx;
    (void)now_ns;
    state->asked = true;
    state->asked_resets = s12x_ecu_base(state->world->target)->resets;
    return false;
}

static bool not_ready(void *ctx, sim_ns_t now_ns)
{
    const struct fault_setting_state *state = ctx;
    struct s12x_ecu_status status;
    (void)now_ns;
    s12x_ecu_status(state->world->target, &status);
    return status.communication_on || status.dtc_setting_on || !state->asked ||
           state->asked_resets != s12x_ecu_base(state->world->target)->resets;
}

static void attach_careful(struct fault_setting_state *state, struct inject_ecu *ecu)
{
    const struct inject_ecu_rule_cfg notes = {
        .turns = {.name = "asked", .enabled = note_asked, .ctx = state},
        .what =
            {.service = UDS_ROUTINE_CONTROL,
             .bytes = {{.offset = 2, .mask = 0xFF, .value = UDS_RID_CHECK_PRECONDITIONS >> 8},
                       {.offset = 3, .mask = 0xFF, .value = UDS_RID_CHECK_PRECONDITIONS & 0xFF}}},
        .effect = {.kind = INJECT_ECU_REFUSE, .nrc = UDS_NRC_CONDITIONS}};
    const struct inject_ecu_rule_cfg refuses = {
        .turns = {.name = "careful", .enabled = not_ready, .ctx = state},
        .what = {.phase = INJECT_IN_APPLICATION,
                 .service = UDS_SESSION_CONTROL,
                 .sub = UDS_SUB(UDS_SESSION_PROGRAMMING)},
        .effect = {.kind = INJECT_ECU_REFUSE, .nrc = UDS_NRC_CONDITIONS}};
    inject_ecu_add(ecu, &state->notes, &notes);
    inject_ecu_add(ecu, &state->refuses, &refuses);
}

#define LUA_GOOD "    local good = file.read(new.name)\n    goal = file.write(\"good.s19\", good)\n"
#define LUA_MEND "      file.write(new.name, good)\n"

#define CAN(name) (UINT64_C(1) << CAPABILITY_##name)

const struct fault_setting fault_settings[] = {
    {.name = "sound", .text = "the sound update", .weight = 24, .rounds = 1, .stays = true},
    {.name = "altered-package",
     .text = "a byte of the package is not as its manifest has it",
     .weight = 1,
     .needs = CAN(PACKAGE_HASH),
     .rounds = 1,
     .session_too = true,
     .reason = "the payload is not the declared one",
     .begin = begin_altered,
     .lua_helper = fault_lua_alter,
     .lua_begin = LUA_GOOD "    file.write(new.name, alter(good))\n",
     .lua_mend = LUA_MEND},
    {.name = "shorter-package",
     .text = "the second half of the package is missing",
     .weight = 1,
     .needs = CAN(PACKAGE_SIZE),
     .rounds = 1,
     .session_too = true,
     .reason = "the package has not the declared length",
     .begin = begin_shorter,
     .lua_begin = LUA_GOOD "    file.write(new.name, good:sub(1, #good // 2))\n",
     .lua_mend = LUA_MEND},
    {.name = "longer-package",
     .text = "behind the package comes another one, which its manifest does not know",
     .weight = 1,
     .needs = CAN(PACKAGE_SIZE),
     .rounds = 1,
     .session_too = true,
     .reason = "the package has not the declared length",
     .begin = begin_longer,
     .lua_begin = LUA_GOOD "    file.write(new.name, good .. file.read(old.name))\n",
     .lua_mend = LUA_MEND},
    {.name = "foreign-package",
     .text = "the package is for other hardware",
     .weight = 1,
     .rounds = 1,
     .reason = "the package is for other hardware",
     .begin = begin_foreign,
     .lua_begin = "    order.hardware_id = \"OTHER-HW-9\"\n",
     .lua_mend = "      order.hardware_id = nil\n"},
    {.name = "other-base",
     .text = "the package is for another version than the one that runs",
     .weight = 1,
     .rounds = 1,
     .by_version = true,
     .reason = "the package is for another version",
     .begin = begin_other_base,
     .lua_begin = "    order.from_version = \"9.9.9\"\n",
     .lua_mend = "      order.from_version = nil\n"},
    {.name = "same-again",
     .text = "the package that is installed is ordered once more",
     .weight = 1,
     .rounds = 1,
     .after_update = true,
     .keeps = true,
     .stays = true,
     .by_version = true,
     .reason = "the version runs already"},
    {.name = "dead-application",
     .text = "the new application does not come up",
     .weight = 2,
     .needs = CAN(AUTO_ROLLBACK),
     .rounds = 2,
     .again = true,
     .begin = begin_dead,
     .lua_begin = "    local dead = image { version = \"1.9.0\", segments = segments, "
                  "behaviour = \"no_boot\", name = \"dead.s19\" }\n"
                  "    order.image, trial = dead, dead\n",
     .lua_mend = "      order.image = new\n"},
    {.name = "rollback",
     .text = "after an update the version before it is ordered back",
     .weight = 1,
     .needs = CAN(ROLLBACK),
     .rounds = 1,
     .after_update = true,
     .goes_back = true,
     .stays = true},
    {.name = "rollback-of-a-liar",
     .text = "likewise, and the ECU says yes to everything and stays as it is",
     .weight = 1,
     .needs = CAN(ROLLBACK) | CAN(VERSION_READBACK),
     .rounds = 1,
     .after_update = true,
     .goes_back = true,
     .begin = begin_liar,
     .lua_begin = "    local nature = ecu.quirk(\"Q6\")\n",
     .lua_mend = "      nature:stop()\n"},
    {.name = "liar",
     .text = "the ECU says yes to everything and stays as it is",
     .weight = 1,
     .needs = CAN(VERSION_READBACK),
     .rounds = 1,
     .begin = begin_liar,
     .lua_begin = "    local nature = ecu.quirk(\"Q6\")\n",
     .lua_mend = "      nature:stop()\n"},
    {.name = "rotten-storage",
     .text = "a bit of the image flips in the state folder once it is stored",
     .weight = 1,
     .needs = CAN(PACKAGE_RECHECK) | CAN(STORAGE),
     .rounds = 1,
     .stays = true,
     .on_request = rot,
     .lua_helper = fault_lua_rot,
     .lua_running = "    rot(new)\n"},
    {.name = "slow-erase",
     .text = "an erase takes 12 s, and S3 runs meanwhile",
     .weight = 2,
     .needs = CAN(KEEP_ALIVE),
     .rounds = 1,
     .stays = true,
     .begin = begin_slow_erase,
     .lua_begin = "    ecu.quirk(\"Q4\")\n"
                  "    ecu.quirk(\"Q10\", { p2 = \"50ms\", p2_star = \"5s\", answer = \"0s\", "
                  "erase = \"12s\" })\n"},
    {.name = "endless-erase",
     .text = "an erase does not end: response pending (78) for ever",
     .weight = 1,
     .rounds = 1,
     .blocks = true,
     .begin = begin_endless_erase,
     .lua_begin = "    local nature = ecu.quirk(\"Q10\", { p2 = \"50ms\", p2_star = \"5s\", "
                  "answer = \"0s\", erase = \"10h\" })\n",
     .lua_mend = "      nature:stop()\n"},
    {.name = "slow-receiver",
     .text = "the ECU needs 1.9 ms for a frame, and asks for blocks of 8 frames and STmin 1 ms",
     .weight = 2,
     .rounds = 1,
     .stays = true,
     .begin = begin_slow_receiver,
     .lua_ecu = "frame_us = 1900, isotp = { block_size = 8, st_min = 1 }"},
    {.name = "careful",
     .text = "the ECU wants preconditions asked for and a quiet network before its programming "
             "session",
     .weight = 2,
     .needs = CAN(PRECONDITIONS) | CAN(NETWORK_QUIET),
     .rounds = 1,
     .stays = true,
     .attach = attach_careful,
     .lua_helper = fault_lua_careful,
     .lua_begin = "    be_careful()\n"},
};
const size_t fault_settings_len = ARRAY_SIZE(fault_settings);

uint32_t fault_settings_for(uint64_t capabilities)
{
    uint32_t set = 0;
    for (size_t i = 0; i < fault_settings_len; i++) {
        /* The storage of a guest is its own. */
        const bool can =
            (fault_settings[i].needs & ~capabilities) == 0 && fault_settings[i].on_request != rot;
        set |= can ? UINT32_C(1) << i : 0;
    }
    return set;
}

int fault_setting_find(const char *name)
{
    for (size_t i = 0; i < fault_settings_len; i++) {
        if (strcmp(fault_settings[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

uint8_t fault_setting_draw(uint32_t settings, uint64_t seed, uint64_t number)
{
    char stream[48];
    struct prng prng;
    uint32_t all = 0;
    for (size_t i = 0; i < fault_settings_len; i++) {
        all += (settings >> i & 1u) != 0 ? fault_settings[i].weight : 0;
    }
    if (all == 0) {
        return FAULT_SOUND;
    }
    (void)snprintf(stream, sizeof stream, "explore setting %" PRIu64, number);
    prng_init(&prng, seed, stream);
    uint32_t at = (uint32_t)prng_below(&prng, all);
    for (size_t i = 0; i < fault_settings_len; i++) {
        const uint32_t weight = (settings >> i & 1u) != 0 ? fault_settings[i].weight : 0;
        if (at < weight) {
            return (uint8_t)i;
        }
        at -= weight;
    }
    return FAULT_SOUND;
}

/* Begin, retry, and what is in between. */

static void mend(struct explore_world *world)
{
    struct fault_setting_state *state = world->retry_ctx;
    if (state->setting->stays) {
        return;
    }
    world->job = state->order;
    explore_world_give(world, NULL, 0);
    set_quirks(state, &state->quirks);
}

static int update_before(struct explore_world *world, struct err *err)
{
    const int rc = explore_world_start(world, err);
    if (rc != 0) {
        return rc;
    }
    explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    if (explore_world_claim(world) != EXPLORE_CLAIMS_SUCCESS) {
        return err_set(err, ERR_CONFLICT, "the update before does not even go well");
    }
    sim_run_until(&world->sim, world->sim.now_ns + PAUSE_NS);
    (void)snprintf(world->job.campaign, sizeof world->job.campaign, "again");
    return 0;
}

/* What is to come is the new version from now on. */
static void turn_back(struct explore_world *world)
{
    const struct ota_image image = world->new_image;
    world->new_image = world->old_image;
    world->old_image = image;
    world->job.action = OTA_ACTION_ROLLBACK;
}

int fault_setting_begin(struct fault_setting_state *state, uint8_t number,
                        struct explore_world *world, struct err *err)
{
    const struct fault_setting *setting = &fault_settings[number];
    *state = (struct fault_setting_state){.world = world, .setting = setting};
    int rc = setting->after_update ? update_before(world, err) : 0;
    if (rc != 0) {
        return rc;
    }
    if (setting->goes_back) {
        turn_back(world);
    }
    state->order = world->job;
    state->quirks = *s12x_ecu_quirks(world->target);
    world->on_retry = mend;
    world->retry_ctx = state;
    rc = setting->begin != NULL ? setting->begin(state, err) : 0;
    if (rc == 0 && setting->reason != NULL) {
        explore_judge_forbid(&world->judge, world->sim.now_ns, setting->reason,
                             setting->session_too);
    }
    return rc;
}

void fault_setting_again(struct fault_setting_state *state)
{
    struct explore_world *world = state->world;
    const unsigned tries = world->job.update_retry_max + 1u;
    for (unsigned i = 1; state->setting->again && i <= tries; i++) {
        if (explore_world_claim(world) != EXPLORE_CLAIMS_ROLLED_BACK) {
            return;
        }
        sim_run_until(&world->sim, world->sim.now_ns + PAUSE_NS);
        if (i == tries) {
            explore_judge_forbid(&world->judge, world->sim.now_ns,
                                 "the package has failed for good", true);
        }
        if (explore_world_start_again(world, NULL, NULL) != 0) {
            return;
        }
        explore_world_run_to_end(world, world->sim.now_ns + EXPLORE_BOUND_NS);
    }
}
