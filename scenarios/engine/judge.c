/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge.c - collects what the invariants are decided from, and asks them all. */
#include "scenarios/engine/judge.h"

#include "guest/af_can/af_can.h"
#include "master/ota_hash.h"
#include "scenarios/engine/judge_bus.h"
#include "scenarios/engine/judge_finding.h"
#include "scenarios/engine/judge_privacy.h"
#include "scenarios/engine/judge_state.h"

#include <stdio.h>
#include <string.h>

/* Facts. */

/* What the last campaign that names an ECU wants of it. Null: none names it. */
static const struct campaign_ecu *target_of(const struct case_world *world, const char *name)
{
    for (size_t i = world->seat.lives_len; i-- > 0;) {
        const struct campaign *campaign = &world->seat.lives[i].campaign;
        for (size_t k = 0; k < campaign->ecus_len; k++) {
            if (strcmp(campaign->ecus[k].name, name) == 0) {
                return &campaign->ecus[k];
            }
        }
    }
    return NULL;
}

static bool flash_holds(const struct case_ecu *ecu, const struct ota_image *image)
{
    enum { PIECE = 1024 };
    uint8_t bytes[PIECE];
    for (size_t i = 0; i < image->segments_len; i++) {
        const struct ota_segment *segment = &image->segments[i];
        for (uint32_t at = 0; at < segment->len_bytes; at += PIECE) {
            const uint32_t left = segment->len_bytes - at;
            const uint32_t len = left < PIECE ? left : PIECE;
            s12x_flash_peek(s12x_ecu_flash(ecu->s12x), segment->start + at, bytes, len);
            if (memcmp(bytes, &segment->bytes[at], len) != 0) {
                return false;
            }
        }
    }
    return true;
}

/* Of all that may be programmed, gaps between segments included. */
static void hash_regions(const struct case_ecu *ecu, uint8_t sha256[OTA_SHA256_LEN])
{
    const struct boot_cfg *boot = &s12x_ecu_cfg(ecu->s12x)->boot;
    uint8_t bytes[ECU_BOOK_SECTOR_BYTES];
    struct ota_hash *hash = ota_hash_new();
    CHECK(hash != NULL);
    ota_hash_start_sha256(hash);
    for (size_t i = 0; i < boot->regions_len; i++) {
        for (uint32_t at = boot->regions[i].start; at < boot->regions[i].end;
             at += ECU_BOOK_SECTOR_BYTES) {
            s12x_flash_peek(s12x_ecu_flash(ecu->s12x), at, bytes, sizeof bytes);
            ota_hash_update(hash, bytes, sizeof bytes);
        }
    }
    ota_hash_finish(hash, sha256);
    ota_hash_free(hash);
}

void judge_begin(struct case_world *world)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        hash_regions(&world->ecus[i], world->ecus[i].factory_sha256);
    }
}

/* Earlier software is what the ECU left its line with, and any image of the play but the wanted
 * one. */
static void compare_images(const struct case_world *world, const struct case_ecu *ecu,
                           const struct campaign_ecu *target, struct judge_ecu *to)
{
    const struct image_shelf *shelf = &world->images;
    const struct ota_image *wanted = image_shelf_target(shelf, target);
    uint8_t sha256[OTA_SHA256_LEN];
    hash_regions(ecu, sha256);
    to->holds_wanted = wanted != NULL && flash_holds(ecu, wanted);
    to->holds_earlier = memcmp(sha256, ecu->factory_sha256, sizeof sha256) == 0;
    for (size_t i = 0; i < shelf->images_len && !to->holds_earlier; i++) {
        const struct ota_image *image = &shelf->images[i]->image;
        to->holds_earlier = image != wanted && flash_holds(ecu, image);
    }
}

static void look_at_ecu(const struct case_world *world, const struct case_ecu *ecu,
                        struct judge_ecu *to)
{
    const struct campaign_ecu *target = target_of(world, ecu->ecu->name);
    *to = (struct judge_ecu){.name = ecu->ecu->name, .target = target != NULL, .version = ""};
    s12x_ecu_status(ecu->s12x, &to->status);
    if (target != NULL) {
        to->version = target->version;
        compare_images(world, ecu, target, to);
    }
}

struct facts {
    struct judge_ecu ecus[VEHICLE_ECUS_MAX];
    size_t ecus_len;
    struct judge_term term;
};

/* The last line of bus.log before an instant, 0: none. Messages come in order of time. */
static uint32_t line_before(const struct case_world *world, sim_ns_t at_ns)
{
    uint32_t line = 0;
    for (size_t i = 0; i < world->buses_len; i++) {
        const struct bus_log *log = &world->buses[i].log;
        size_t low = 0;
        size_t high = log->messages_len;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (log->messages[middle].begin_ns <= at_ns) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low > 0 && log->messages[low - 1].line > line) {
            line = log->messages[low - 1].line;
        }
    }
    return line;
}

static void collect(const struct case_world *world, struct facts *facts)
{
    facts->ecus_len = 0;
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].s12x != NULL) {
            look_at_ecu(world, &world->ecus[i], &facts->ecus[facts->ecus_len++]);
        }
    }
    facts->term = (struct judge_term){.code = MASTER_NO_REPORT, .at_ns = SIM_NEVER};
    if (world->seat.lives_len != 0) {
        const struct master_life *last = &world->seat.lives[world->seat.lives_len - 1];
        if (last->end == MASTER_EXITED) {
            facts->term =
                (struct judge_term){.code = last->result.code,
                                    .rollback = last->campaign.action == CAMPAIGN_ROLLBACK,
                                    .at_ns = last->end_ns,
                                    .line = line_before(world, last->end_ns)};
        }
    }
}

/* One bus. */

static void describe_connections(const struct case_world *world, const struct case_bus *bus,
                                 struct judge_bus *to)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        const struct case_ecu *ecu = &world->ecus[i];
        if (ecu->bus != bus || ecu->s12x == NULL || ecu->connection >= INJECT_CONNECTIONS_MAX) {
            continue;
        }
        const struct campaign_ecu *target = target_of(world, ecu->ecu->name);
        to->connections[ecu->connection] = (struct judge_connection){
            .name = ecu->ecu->name,
            .target = target != NULL,
            .lines = s12x_ecu_cfg(ecu->s12x)->boot.style == BOOT_STYLE_S19_LINE,
            .windows = target != NULL ? target->windows : NULL,
            .windows_len = target != NULL ? target->windows_len : 0};
    }
}

static void describe_bus(const struct case_world *world, const struct case_bus *bus,
                         struct judge_life lives[MASTER_LIVES_MAX], struct judge_bus *to)
{
    const struct profile *profile = &world->cfg.adapter->profile;
    *to = (struct judge_bus){.log = &bus->log,
                             .master = af_can_node(world->can, bus->bus),
                             .lives = lives,
                             .lives_len = world->seat.lives_len,
                             .forbidden = world->forbidden,
                             .forbidden_len = world->forbidden_len,
                             .asks_preconditions =
                                 adapter_can(world->cfg.adapter, CAPABILITY_PRECONDITIONS),
                             .n_rs = profile->values[PROFILE_N_RS],
                             .p2_ns = profile_ns(profile, PROFILE_P2),
                             .p2_star_ns = profile_ns(profile, PROFILE_P2_STAR),
                             .n_bs_ns = profile_ns(profile, PROFILE_N_BS),
                             .t_boot_ns = profile_ns(profile, PROFILE_T_BOOT),
                             .result = world->result};
    describe_connections(world, bus, to);
    for (size_t i = 0; i < world->seat.lives_len; i++) {
        lives[i] = (struct judge_life){.begin_ns = world->seat.lives[i].begin_ns,
                                       .campaign = world->seat.lives[i].campaign.id};
    }
}

static void judge_buses(const struct case_world *world, struct judge_secrets *secrets)
{
    struct judge_life lives[MASTER_LIVES_MAX];
    for (size_t i = 0; i < world->buses_len; i++) {
        struct judge_bus bus;
        describe_bus(world, &world->buses[i], lives, &bus);
        judge_bus_order(&bus);
        judge_bus_requests(&bus);
        judge_bus_transfer(&bus);
        judge_secrets_add_keys(secrets, &bus);
    }
}

/* The rest. */

static void judge_books(const struct case_world *world)
{
    struct campaign_window windows[BOOT_REGIONS_MAX];
    for (size_t i = 0; i < world->ecus_len; i++) {
        const struct case_ecu *ecu = &world->ecus[i];
        if (ecu->s12x == NULL) {
            continue;
        }
        const struct boot_cfg *boot = &s12x_ecu_cfg(ecu->s12x)->boot;
        for (size_t k = 0; k < boot->regions_len; k++) {
            windows[k] = (struct campaign_window){boot->regions[k].start, boot->regions[k].end};
        }
        judge_book(ecu->ecu->name, &ecu->book, windows, boot->regions_len, world->result);
    }
}

static void collect_secrets(const struct case_world *world, struct judge_secrets *secrets)
{
    for (size_t i = 0; i < world->seat.lives_len; i++) {
        const struct campaign *campaign = &world->seat.lives[i].campaign;
        for (size_t k = 0; k < campaign->ecus_len; k++) {
            uint8_t bytes[4];
            proto_put_u32(bytes, campaign->ecus[k].secret);
            judge_secrets_add(secrets, "the secret of the seed/key algorithm", bytes, sizeof bytes,
                              false);
        }
    }
    for (size_t i = 0; i < world->ecus_len; i++) {
        if (world->ecus[i].s12x != NULL) {
            const char *vin = s12x_ecu_cfg(world->ecus[i].s12x)->boot.vin;
            judge_secrets_add(secrets, "the vehicle's identification number", vin, strlen(vin),
                              true);
        }
    }
}

static void judge_privacy(const struct case_world *world, const struct judge_secrets *secrets)
{
    char path[CASE_PATH_MAX + 32];
    for (size_t i = 0; i < world->seat.lives_len; i++) {
        (void)snprintf(path, sizeof path, "%s/master-%zu.log", world->cfg.folder, i + 1);
        judge_privacy_file(secrets, path, world->result);
    }
    (void)snprintf(path, sizeof path, "%s/state", world->cfg.folder);
    judge_privacy_folder(secrets, path, world->result);
}

static void shelve(struct case_world *world)
{
    for (size_t i = 0; i < world->seat.lives_len; i++) {
        image_shelf_take_campaign(&world->images, &world->seat.lives[i].campaign);
    }
}

void judge_invariants(struct case_world *world)
{
    struct facts facts;
    struct judge_secrets secrets = {.len = 0};
    shelve(world);
    collect(world, &facts);
    judge_report(facts.ecus, facts.ecus_len, &facts.term, world->result);
    judge_software(facts.ecus, facts.ecus_len, &facts.term, world->result);
    if (facts.term.at_ns != SIM_NEVER) {
        judge_network(facts.ecus, facts.ecus_len, &facts.term, world->result);
    }
    judge_lives(world->seat.lives, world->seat.lives_len, world->result);
    judge_books(world);
    collect_secrets(world, &secrets);
    judge_buses(world, &secrets);
    judge_privacy(world, &secrets);
}

bool judge_needs_retry(const struct case_world *world)
{
    for (size_t i = 0; i < world->ecus_len; i++) {
        struct judge_ecu ecu;
        if (world->ecus[i].s12x == NULL) {
            continue;
        }
        look_at_ecu(world, &world->ecus[i], &ecu);
        if (ecu.target && !judge_ecu_runs(&ecu)) {
            return true;
        }
    }
    return false;
}

void judge_retry(struct case_world *world)
{
    struct facts facts;
    shelve(world);
    collect(world, &facts);
    judge_software_again(facts.ecus, facts.ecus_len, &facts.term, world->result);
}
