/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_step.c - ids of points of a state folder are read as they are printed;
 * a plan leaves out what another point comes to as well; and a disk keeps what was synced. */
#include "scenarios/explore/explore_disk.h"
#include "scenarios/explore/explore_step.h"

#include <criterion/criterion.h>
#include <string.h>

Test(explore_step, an_id_is_read_as_it_was_printed)
{
    static const char *const ids[] = {"w12.full",      "s1.error",     "n3.late",
                                      "u1.after",      "r7.error",     "w4294967295.torn7",
                                      "f12.3+w5.lost", "w5.kept+b1.0", "w1.room+s2.lost"};
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        struct explore_steps steps;
        char text[EXPLORE_ID_CHARS];
        cr_assert(explore_steps_parse(&steps, ids[i]), "%s", ids[i]);
        explore_steps_print(&steps, text);
        cr_assert_str_eq(text, ids[i]);
    }
}

Test(explore_step, what_is_no_id_is_refused)
{
    static const char *const texts[] = {
        "",         "w",         "w1",      "w1.",
        "w0.lost",  "w1.gone",   "x1.lost", "w1.lost+",
        "w1.lost ", "w-1.error", "w1lost",  "w4294967296.lost",
        "w1.3",     "+w1.lost",  "f1.lost", "w1.lost+w1.lost+w1.lost"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct explore_steps steps;
        cr_assert_not(explore_steps_parse(&steps, texts[i]), "%s", texts[i]);
    }
}

/* A write to a file that is there, its sync in the same event, and a removal later. */
static const struct explore_called called[] = {
    {.call = EXPLORE_CALL_WRITE,
     .number = 1,
     .len_bytes = 512,
     .used_bytes = 1000,
     .tears = 5,
     .at_ns = 100,
     .events_run = 7,
     .before_version = 3,
     .after_version = 3},
    {.call = EXPLORE_CALL_SYNC,
     .number = 1,
     .used_bytes = 1000,
     .at_ns = 100,
     .events_run = 7,
     .before_version = 3,
     .after_version = 4},
    {.call = EXPLORE_CALL_REMOVE,
     .followed = true,
     .number = 1,
     .used_bytes = 500,
     .at_ns = 200,
     .events_run = 8,
     .before_version = 4,
     .after_version = 5},
};

Test(explore_step, a_plan_has_each_disk_at_each_instant_once)
{
    struct explore_steps_plan plan;
    struct err err;
    bool seen[3] = {false, false, false};
    cr_assert_eq(
        explore_steps_plan_make(&plan, EXPLORE_ALL_STEPS, called, ARRAY_SIZE(called), 50, &err), 0);
    /* error, once, short, lost, 7 tears, kept; error, lost, after; error, late, lost, after. */
    cr_assert_eq(plan.counts.points, 12 + 3 + 4);
    cr_assert_eq(plan.counts.same, 5 + 1, "five tears, and the loss before the sync");
    cr_assert_eq(plan.len, plan.counts.points - plan.counts.same);
    for (size_t i = 0; i < plan.len; i++) {
        const struct explore_mishap_at *at = &plan.steps[i].at;
        cr_assert(i == 0 || plan.steps[i].at_ns >= plan.steps[i - 1].at_ns);
        seen[0] = seen[0] || (at->call == EXPLORE_CALL_SYNC && at->mishap == EXPLORE_MISHAP_AFTER);
        seen[1] = seen[1] || at->mishap == EXPLORE_MISHAP_TORN_3;
        seen[2] = seen[2] || at->mishap == EXPLORE_MISHAP_TORN_2;
    }
    cr_assert(seen[0] && seen[1] && !seen[2]);
    explore_steps_plan_release(&plan);
}

Test(explore_step, a_disk_that_is_too_small_comes_first_and_once_for_each_size)
{
    static const struct explore_called growing[] = {
        {.call = EXPLORE_CALL_WRITE, .number = 1, .grows = true, .used_bytes = 600, .at_ns = 100},
        {.call = EXPLORE_CALL_WRITE, .number = 2, .grows = true, .used_bytes = 500, .at_ns = 200},
        {.call = EXPLORE_CALL_WRITE, .number = 3, .grows = true, .used_bytes = 700, .at_ns = 300},
    };
    struct explore_steps_plan plan;
    struct err err;
    cr_assert_eq(
        explore_steps_plan_make(&plan, EXPLORE_ALL_STEPS, growing, ARRAY_SIZE(growing), 50, &err),
        0);
    cr_assert_eq(plan.steps[0].at.mishap, EXPLORE_MISHAP_ROOM);
    cr_assert_eq(plan.steps[0].at_ns, 50);
    cr_assert_eq(plan.steps[0].capacity_bytes, 599);
    cr_assert_eq(plan.steps[1].at.number, 3);
    cr_assert_eq(plan.steps[1].capacity_bytes, 699);
    cr_assert_neq(plan.steps[2].at.mishap, EXPLORE_MISHAP_ROOM);
    explore_steps_plan_release(&plan);
}

/* The disk. */
static struct master_files files;
static struct explore_disk disk;

static void write_file(const char *name, size_t offset, const char *text)
{
    const size_t len = strlen(text);
    cr_assert_eq(master_files_write(&files, name, offset, text, len), (long)len);
    explore_disk_wrote(&disk, name, offset, len);
}

static void set_up(void)
{
    files = (struct master_files){.capacity_bytes = 0};
    cr_assert_eq(master_files_write(&files, "old", 0, "aaaa", 4), 4);
    disk = (struct explore_disk){.files = NULL};
    explore_disk_settle(&disk, &files);
}

static void tear_down(void)
{
    explore_disk_release(&disk);
    master_files_release(&files);
}

TestSuite(explore_disk, .init = set_up, .fini = tear_down);

static void check_file(const char *name, const char *text)
{
    char seen[16] = "";
    const long got = master_files_read(&files, name, 0, seen, sizeof seen - 1);
    if (text == NULL) {
        cr_assert_lt(got, 0, "%s is there", name);
    } else {
        cr_assert_geq(got, 0, "%s is not there", name);
        cr_assert_str_eq(seen, text);
    }
}

Test(explore_disk, what_was_not_synced_is_gone)
{
    write_file("old", 2, "bbbb");
    write_file("new", 0, "cc");
    cr_assert(explore_disk_unsynced(&disk));
    explore_disk_power_loss(&disk, EXPLORE_KEEP_SYNCED);
    check_file("old", "aaaa");
    check_file("new", NULL);
    cr_assert_not(explore_disk_unsynced(&disk));
}

Test(explore_disk, a_sync_keeps_one_file_and_the_names_of_all)
{
    write_file("old", 2, "bbbb");
    write_file("new", 0, "cc");
    explore_disk_synced(&disk, "old");
    explore_disk_power_loss(&disk, EXPLORE_KEEP_SYNCED);
    check_file("old", "aabbbb");
    check_file("new", "");
}

Test(explore_disk, a_replacement_without_a_sync_is_found_empty)
{
    write_file("new", 0, "cc");
    explore_disk_forget(&disk, "old");
    cr_assert_eq(master_files_rename(&files, "new", "old"), 0);
    explore_disk_synced_names(&disk);
    explore_disk_power_loss(&disk, EXPLORE_KEEP_SYNCED);
    check_file("old", "");
    check_file("new", NULL);
}

Test(explore_disk, all_may_have_reached_the_disk_as_well)
{
    write_file("old", 0, "bb");
    write_file("new", 0, "cc");
    explore_disk_power_loss(&disk, EXPLORE_KEEP_ALL);
    check_file("old", "bbaa");
    check_file("new", "cc");
    write_file("new", 2, "dd");
    explore_disk_power_loss(&disk, EXPLORE_KEEP_SYNCED);
    check_file("new", "cc");
}
