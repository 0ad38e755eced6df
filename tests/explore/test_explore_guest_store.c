/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_guest_store.c - the state folder of a master that is a guest: the same
 * program makes the same calls as in process, and comes to the same end whatever happens at them;
 * points play again; and masters that have no state folder lose their power all the same. */
#include "scenarios/explore/explore_storage_play.h"
#include "tests/explore/guest_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct explore_folder past;

static void forget(void)
{
    explore_folder_release(&past);
    unload();
}

static struct explore_storage_cfg small_sweep(void)
{
    return (struct explore_storage_cfg){
        .world = {.image_bytes = 1024,
                  .vehicle = {.transfer = BOOT_STYLE_BLOCK,
                              .check = BOOT_CHECK_SHA1,
                              .flash_timing = -1},
                  .seed = 1},
        .sweep = {.identity = "test", .version = "1", .master = "reference"},
    };
}

/* What the master in process finds in its folder is there for the guest as well: the copy of the
 * old version, which an earlier update has left. */
static void keep_past(const struct master_files *files)
{
    char path[64];
    char file[256];
    struct err err = {.code = 0};
    (void)snprintf(path, sizeof path, "%s/past", folder);
    cr_assert_eq(mkdir(path, 0755), 0);
    for (size_t i = 0; i < MASTER_FILES_MAX; i++) {
        const struct master_file *from = &files->list[i];
        if (from->name[0] != '\0') {
            (void)snprintf(file, sizeof file, "%s/%s", path, from->name);
            FILE *to = fopen(file, "w");
            cr_assert_not_null(to);
            cr_assert_eq(fwrite(from->bytes, 1, from->len, to), from->len);
            cr_assert_eq(fclose(to), 0);
        }
    }
    cr_assert_eq(explore_folder_keep(&past, path, &err), 0, "%s", err.text);
    for (size_t i = 0; i < past.len; i++) {
        cr_assert_eq(unlink(past.entries[i].path), 0);
    }
    cr_assert_eq(rmdir(path), 0);
    guest.state = &past;
}

static struct explore_storage_slate *open_play(struct explore_storage_play *play,
                                               const struct explore_storage_cfg *cfg)
{
    struct err err = {.code = 0};
    struct explore_storage_slate *slate = explore_share(sizeof *slate);
    cr_assert_not_null(slate);
    cr_assert_eq(explore_storage_play_init(play, cfg, slate, &err), 0, "%s", err.text);
    return slate;
}

static void scout(struct explore_storage_play *play)
{
    struct err err = {.code = 0};
    cr_assert_eq(explore_storage_play_scout(play, NULL, &err), 0, "%s", err.text);
    cr_assert_eq(play->slate->outcome.verdict, EXPLORE_UPDATED);
    cr_assert(!play->slate->called_full);
}

static enum explore_verdict try_step(struct explore_storage_play *play,
                                     const struct explore_step *step)
{
    struct err err = {.code = 0};
    explore_storage_play_before(play, step->at_ns);
    cr_assert_eq(explore_storage_play_try(play, step, &err), 0, "%s", err.text);
    return play->slate->outcome.verdict;
}

static bool is_same_call(const struct explore_called *here, const struct explore_called *there)
{
    return here->call == there->call && here->at_ns == there->at_ns &&
           here->len_bytes == there->len_bytes && here->tears == there->tears &&
           here->grows == there->grows && here->creates == there->creates &&
           here->followed == (here->call == EXPLORE_CALL_SYNC || there->followed);
}

/* Of each call in process the guest's. Beside those the guest makes two kinds: the port for Linux
 * makes files and syncs the folder by calls of their own, and the program writes down, in a file
 * of 4096 bytes, how it has ended. */
static size_t *match(const struct explore_storage_slate *here,
                     const struct explore_storage_slate *there)
{
    size_t *found = calloc(here->called_len + 1, sizeof *found);
    size_t at = 0;
    cr_assert_not_null(found);
    for (size_t i = 0; i < here->called_len; i++, at++) {
        const struct explore_called *one = &here->called[i];
        while (at < there->called_len && !is_same_call(one, &there->called[at])) {
            at++;
        }
        cr_assert_lt(at, there->called_len, "%c%u has no counterpart",
                     explore_call_letter((enum explore_call)one->call), one->number);
        found[i] = at;
    }
    return found;
}

static size_t find_call(const struct explore_storage_slate *slate, const struct explore_step *step)
{
    size_t i = 0;
    while (i < slate->called_len &&
           (slate->called[i].call != step->at.call || slate->called[i].number != step->at.number)) {
        i++;
    }
    cr_assert_lt(i, slate->called_len);
    return i;
}

/* The same point of the guest. A change of names is durable in process when it returns, and for the
 * guest when the folder has been synced behind it. */
static struct explore_step counterpart(const struct explore_step *step, size_t at,
                                       const struct explore_storage_slate *there, sim_ns_t start_ns)
{
    struct explore_step its = {.at = step->at};
    const bool names = step->at.call == EXPLORE_CALL_RENAME || step->at.call == EXPLORE_CALL_REMOVE;
    while (names && step->at.mishap == EXPLORE_MISHAP_AFTER &&
           there->called[at].call != EXPLORE_CALL_SYNC_FOLDER) {
        at++;
        cr_assert_lt(at, there->called_len);
    }
    its.at.call = there->called[at].call;
    its.at.number = there->called[at].number;
    cr_assert(explore_step_place(&its, there->called, there->called_len, start_ns));
    return its;
}

/* What is left of the folder is the same but for two files: the inventory has a date in it, of
 * which there is none in process, and the program has written down how it has ended. Each of these
 * has few contents, and a state is a sum of files. */
enum { POINTS = 66, DIFFERENCES_MAX = 4 };

struct differences {
    uint64_t list[DIFFERENCES_MAX];
    size_t len;
};

static void note_difference(struct differences *left, uint64_t difference, const char *id)
{
    size_t i = 0;
    while (i < left->len && left->list[i] != difference) {
        i++;
    }
    cr_expect_lt(i, DIFFERENCES_MAX, "%s: something else is left", id);
    if (i == left->len && i < DIFFERENCES_MAX) {
        left->list[left->len++] = difference;
    }
}

Test(explore_guest_store, the_reference_master_ends_as_it_does_in_process)
{
    static struct explore_storage_play here;
    static struct explore_storage_play there;
    struct explore_storage_cfg cfg = small_sweep();
    struct explore_steps_plan plan;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    struct explore_storage_slate *clean_here = open_play(&here, &cfg);
    keep_past(&here.world.files);
    cfg.guest = &guest;
    struct explore_storage_slate *clean_there = open_play(&there, &cfg);
    scout(&here);
    scout(&there);
    size_t *found = match(clean_here, clean_there);
    cr_assert_eq(explore_steps_plan_make(&plan, EXPLORE_ALL_STEPS, clean_here->called,
                                         clean_here->called_len, here.start_ns, &err),
                 0, "%s", err.text);
    cr_assert_gt(plan.len, 5 * POINTS);
    here.slate = explore_share(sizeof *here.slate);
    there.slate = explore_share(sizeof *there.slate);
    size_t losses = 0;
    struct differences left = {.len = 0};
    for (size_t i = 0; i < POINTS; i++) {
        const struct explore_step *step = &plan.steps[i * plan.len / POINTS];
        const struct explore_steps alone = {.len = 1, .steps = {*step}};
        const struct explore_step its =
            counterpart(step, found[find_call(clean_here, step)], clean_there, there.start_ns);
        char id[EXPLORE_ID_CHARS];
        explore_steps_print(&alone, id);
        cr_expect_eq(try_step(&here, step), try_step(&there, &its), "%s: %s and %s", id,
                     explore_verdict_text(here.slate->outcome.verdict),
                     explore_verdict_text(there.slate->outcome.verdict));
        if (explore_mishap_is_loss((enum explore_mishap)step->at.mishap)) {
            losses++;
            note_difference(&left, there.slate->outcome.state - here.slate->outcome.state, id);
        }
        cr_expect_eq(here.slate->outcome.frames, there.slate->outcome.frames, "%s: frames", id);
    }
    cr_expect(losses > POINTS / 4 && losses < POINTS);
    explore_steps_plan_release(&plan);
    free(found);
    (void)explore_storage_play_release(&here, NULL);
    (void)explore_storage_play_release(&there, NULL);
    forget();
}

static uint64_t number_of(const struct result_sweep *result, const char *text)
{
    for (size_t i = result->rows_len; i-- > 0;) {
        if (strcmp(result->rows[i].text, text) == 0) {
            return result->rows[i].number;
        }
    }
    cr_assert_fail("no row \"%s\"", text);
    return 0;
}

Test(explore_guest_store, two_things_may_happen_in_a_row)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep result;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.guest = &guest;
    for (unsigned pass = 0; pass < 2; pass++) {
        cfg.depth = pass == 0 ? 2 : 1;
        cfg.with_power = pass == 1;
        cfg.sample = 6;
        cr_assert_eq(explore_storage_run(&cfg, &result, &err), 0, "%s", err.text);
        cr_expect(result_sweep_good(&result), "%s",
                  result.failures_len > 0 ? result.failures[0].id : "");
        cr_expect_eq(number_of(&result, "tried"), 12);
        result_sweep_release(&result);
    }
    forget();
}

static void check_point(const struct explore_storage_cfg *cfg, const char *id,
                        enum explore_verdict verdict)
{
    struct explore_steps steps;
    struct explore_storage_outcome once;
    struct explore_storage_outcome again;
    struct err err = {.code = 0};
    cr_assert(explore_steps_parse(&steps, id), "%s", id);
    cr_assert_eq(explore_storage_point(cfg, &steps, &once, &err), 0, "%s: %s", id, err.text);
    cr_assert_eq(explore_storage_point(cfg, &steps, &again, &err), 0, "%s: %s", id, err.text);
    cr_expect_eq(once.verdict, verdict, "%s: %s", id, explore_verdict_text(once.verdict));
    cr_expect_eq(once.state, again.state, "%s", id);
    cr_expect_eq(once.digest, again.digest, "%s", id);
}

/* What only a guest does: a rename that is on the disk before its file's content, a new name. */
Test(explore_guest_store, points_play_again)
{
    struct explore_storage_cfg cfg = small_sweep();
    load(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    cfg.guest = &guest;
    check_point(&cfg, "n1.named", EXPLORE_UPDATED);
    check_point(&cfg, "n1.kept", EXPLORE_UPDATED);
    check_point(&cfg, "c3.once", EXPLORE_OLD_RUNS);
    check_point(&cfg, "d3.error", EXPLORE_OLD_RUNS);
    check_point(&cfg, "w9.torn3+f12.3", EXPLORE_UPDATED);
    check_point(&cfg, "w2.rear", EXPLORE_UPDATED);
    check_point(&cfg, "f200.2+w2.torn5", EXPLORE_UPDATED);
    forget();
}

Test(explore_guest_store, a_point_that_is_not_there_is_said_so)
{
    struct explore_storage_cfg cfg = small_sweep();
    struct explore_steps steps;
    struct explore_storage_outcome outcome;
    struct err err = {.code = 0};
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    cfg.guest = &guest;
    cr_assert(explore_steps_parse(&steps, "w1.error"));
    cr_expect_eq(explore_storage_point(&cfg, &steps, &outcome, &err), ERR_NOT_FOUND);
    forget();
}

/* It keeps nothing, and begins anew; only that the network is still quiet it does not know. */
Test(explore_guest_store, a_master_without_a_state_folder_loses_its_power_as_well)
{
    struct explore_storage_cfg cfg = small_sweep();
    load(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
    cfg.guest = &guest;
    check_point(&cfg, "b100.lost", EXPLORE_UPDATED);
    check_point(&cfg, "b212.lost", EXPLORE_INVARIANT);
    forget();
}
