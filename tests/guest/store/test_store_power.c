/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/test_store_power.c - what a loss of power leaves of a guest's files. */
#include "tests/guest/store/store_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig, NULL);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(power, .init = open_rig, .fini = close_rig);

static void reopen(const struct guest_store_cfg *cfg)
{
    rig_close(&rig);
    rig_open(&rig, cfg);
}

Test(power, takes_what_was_not_synced)
{
    rig_disk(&rig, "open a , write x 1000 , fsync , pwrite y 100 0 , write z 500");
    cr_assert_str_eq(rig_content(&rig, "a"), "y100 x900 z500");
    cr_assert(guest_store_is_unsynced(rig.store, "a"));
    struct guest_store_loss loss = rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "x1000");
    cr_assert_eq(loss.unsynced_ops, 2);
    cr_assert_eq(loss.files_changed, 1);
    cr_assert_not(guest_store_is_unsynced(rig.store, "a"));
}

Test(power, keeps_all_if_told)
{
    rig_disk(&rig, "open a , write x 1000 , fsync , pwrite y 100 0 , mkdir d , rename a d/b");
    rig_power_loss(&rig, GUEST_STORE_KEEP_ALL);
    cr_assert_str_eq(rig_content(&rig, "d/b"), "y100 x900");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "d/b"), "y100 x900");
}

Test(power, keeps_what_each_kind_of_sync_has_reached)
{
    static const char *const syncs[] = {"fsync", "fdatasync", "sync", "msync x 500"};
    for (size_t i = 0; i < ARRAY_SIZE(syncs); i++) {
        char commands[128];
        reopen(NULL);
        snprintf(commands, sizeof commands, "open a , write x 500 , %s , pwrite y 10 0", syncs[i]);
        rig_disk(&rig, commands);
        rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
        cr_assert_str_eq(rig_content(&rig, "a"), "x500", "%s: %s", syncs[i],
                         rig_content(&rig, "a"));
    }
    reopen(NULL);
    rig_disk(&rig, "opensync a , write x 500 , pwrite y 10 0");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y10 x490");
}

Test(power, takes_names_whose_journal_was_not_written)
{
    rig_disk(&rig, "open a , write x 10 , close");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "-");
}

Test(power, commits_all_names_before_a_sync_as_a_journal_does)
{
    rig_disk(&rig,
             "open a , write x 10 , fsync , rename a b , mkdir d , open d/c , fsync , rename b e");
    struct guest_store_loss loss = rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "b"), "x10");
    cr_assert_str_eq(rig_content(&rig, "d/c"), "");
    cr_assert_str_eq(rig_content(&rig, "e"), "-");
    cr_assert_eq(loss.names_lost, 1);
}

Test(power, leaves_the_journal_alone_in_a_sync_of_data)
{
    rig_disk(&rig, "open a , write x 10 , fsync , rename a b , pwrite y 5 0 , fdatasync");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y5 x5");
    cr_assert_str_eq(rig_content(&rig, "b"), "-");
}

Test(power, wants_the_folder_synced_if_told)
{
    reopen(&(struct guest_store_cfg){.names_need_folder = true});
    rig_disk(&rig,
             "open a , write x 10 , fsync , open b , write y 10 , fsync , syncdir . , rename b c");
    rig_disk(&rig, "open f , write z 10 , fsync");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "x10");
    cr_assert_str_eq(rig_content(&rig, "b"), "y10");
    cr_assert_str_eq(rig_content(&rig, "c"), "-");
    cr_assert_str_eq(rig_content(&rig, "f"), "-");
}

/* The classic: write a new file, rename it over the old one, no sync in between. */
#define REPLACE                                                                                    \
    "open a , write x 600 , fsync , close , open t , write y 600 , close , rename t a , open u , " \
    "fsync"

Test(power, empties_a_replacement_that_was_not_synced)
{
    rig_disk(&rig, REPLACE);
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "");
    reopen(&(struct guest_store_cfg){.rename_flushes = true});
    rig_disk(&rig, REPLACE);
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y600");
}

Test(power, replaces_by_a_rename_as_a_whole)
{
    rig_disk(&rig,
             "open a , write x 600 , fsync , close , open t , write y 600 , fsync , rename t a");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "x600");
    cr_assert_str_eq(rig_content(&rig, "t"), "y600");
    rig_disk(&rig, "rename t a , syncdir .");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y600");
    cr_assert_str_eq(rig_content(&rig, "t"), "-");
}

Test(power, brings_back_what_was_removed)
{
    char before[4096];
    char after[4096];
    rig_disk(&rig, "mkdir d , mkdir d/e , open d/e/f , write x 9000 , symlink f d/e/s , "
                   "link d/e/f d/g , sync");
    rig_tree(&rig, before, sizeof before);
    rig_disk(&rig,
             "unlink d/e/f , unlink d/e/s , rmdir d/e , unlink d/g , rmdir d , open d , write y 5");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    rig_tree(&rig, after, sizeof after);
    cr_assert_str_eq(after, before);
}

Test(power, tears_the_last_write)
{
    rig_disk(&rig, "open a , write x 2000 , fsync , pwrite y 100 0 , pwrite z 1000 500");
    struct guest_store_policy policy = {.keep = GUEST_STORE_TEAR_LAST, .torn_permille = 300};
    cr_assert_eq(guest_store_power_loss(rig.store, &policy, 0, NULL, NULL), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "y100 x400 z300 x1200");
}

Test(power, tears_the_last_write_so_that_its_end_is_there)
{
    rig_disk(&rig, "open a , write x 2000 , fsync , pwrite y 100 0 , pwrite z 1000 500");
    struct guest_store_policy policy = {
        .keep = GUEST_STORE_TEAR_LAST, .torn_permille = 300, .torn_rear = true};
    cr_assert_eq(guest_store_power_loss(rig.store, &policy, 0, NULL, NULL), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "y100 x1100 z300 x500");
}

Test(power, keeps_names_without_what_is_behind_them)
{
    rig_disk(&rig, "open a , write x 600 , fsync , close , open t , write y 600 , rename t a");
    struct guest_store_policy policy = {.keep = GUEST_STORE_KEEP_NAMES};
    cr_assert_eq(guest_store_power_loss(rig.store, &policy, 0, NULL, NULL), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "");
    cr_assert_str_eq(rig_content(&rig, "t"), "-");
}

Test(power, keeps_sizes_in_the_order_of_the_journal)
{
    rig_disk(&rig,
             "open a , write x 4000 , fsync , ftruncate 100 , pwrite y 50 100 , ftruncate 3000");
    struct guest_store_policy policy = {.keep = GUEST_STORE_KEEP_FIRST, .last_op = 4};
    cr_assert_eq(guest_store_power_loss(rig.store, &policy, 0, NULL, NULL), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "x100");
}

Test(power, writes_back_what_is_old_enough)
{
    reopen(&(struct guest_store_cfg){.writeback_ns = SIM_S(30)});
    rig_run(&rig, "sh -c sleep${IFS}1;echo>a;sleep${IFS}40;echo>b");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "\n1");
    cr_assert_str_eq(rig_content(&rig, "b"), "-");
}

#define MANY                                                                                       \
    "open a , write x 700 , write y 900 , new b , write z 600 , fsync , mkdir d , rename b d/b , " \
    "open a , pwrite u 300 400 , ftruncate 1000 , pwrite v 500 2000 , symlink a l , link a d/h , " \
    "unlink a , open e , fallocate 5000 , pwrite w 100 100 , empty d/h , write q 30 , "            \
    "append d/b , write r 200 , rename d f"

/* The state after each operation is known: from a run that was stopped there. */
Test(power, leaves_exactly_the_first_operations, .timeout = 60)
{
    enum { OPS = 21, SYNC = 6 };
    static char stopped[OPS + 1][4096];
    char left[4096];
    for (uint64_t i = 1; i <= OPS; i++) {
        reopen(NULL);
        rig.stop_at = i;
        rig.stop_when = GUEST_STORE_AFTER;
        rig_disk(&rig, MANY);
        cr_assert_eq(guest_store_ops(rig.store), i, "%s", rig.ops);
        rig_tree(&rig, stopped[i], sizeof stopped[i]);
        rig_power_loss(&rig, GUEST_STORE_KEEP_ALL);
        cr_assert_str_eq(rig_tree(&rig, left, sizeof left), stopped[i], "all up to %llu",
                         (unsigned long long)i);
    }
    for (uint64_t i = SYNC; i <= OPS; i++) {
        reopen(NULL);
        rig_disk(&rig, MANY);
        cr_assert_eq(guest_store_ops(rig.store), OPS, "%s", rig.ops);
        struct guest_store_policy policy = {.keep = GUEST_STORE_KEEP_FIRST, .last_op = i};
        cr_assert_eq(guest_store_power_loss(rig.store, &policy, 0, NULL, NULL), 0);
        cr_assert_str_eq(rig_tree(&rig, left, sizeof left), stopped[i], "of all %llu:\n%s\nnot\n%s",
                         (unsigned long long)i, left, stopped[i]);
    }
}

/* Each sector holds one of the states that it went through, or two that follow each other. */
Test(power, leaves_sectors_in_one_of_their_states, .timeout = 60)
{
    unsigned torn = 0;
    unsigned kept = 0;
    unsigned mixed = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        reopen(&(struct guest_store_cfg){.seed = seed});
        rig_disk(&rig, "open a , write a 8192 , fsync , pwrite b 8192 0 , pwrite c 8192 0");
        struct guest_store_loss loss = rig_power_loss(&rig, GUEST_STORE_KEEP_RANDOM);
        torn += loss.sectors_torn > 0;
        char path[128];
        char bytes[8193] = "";
        snprintf(path, sizeof path, "%s/a", rig.folder);
        FILE *file = fopen(path, "re");
        cr_assert_eq(fread(bytes, 1, sizeof bytes, file), 8192);
        fclose(file);
        for (size_t i = 0; i < 8192; i += 512) {
            char first = bytes[i];
            char last = bytes[i + 511];
            cr_assert(first >= last && first - last <= 1 && last >= 'a' && first <= 'c');
            kept += last == 'c';
            mixed += first != last;
            for (size_t k = 1; k < 512; k++) {
                cr_assert(bytes[i + k] == bytes[i + k - 1] ||
                          (bytes[i + k - 1] == first && bytes[i + k] == last));
            }
        }
    }
    cr_assert(torn > 30 && mixed > 50 && kept > 100 && kept < 300, "%u %u %u", torn, mixed, kept);
    reopen(&(struct guest_store_cfg){.whole_sectors = true});
    rig_disk(&rig, "open a , write a 8192 , fsync , pwrite b 8192 0");
    cr_assert_eq(rig_power_loss(&rig, GUEST_STORE_KEEP_RANDOM).sectors_torn, 0);
}

Test(power, leaves_the_same_each_time, .timeout = 60)
{
    static char first[8192];
    static char again[8192];
    for (int i = 0; i < 20; i++) {
        reopen(&(struct guest_store_cfg){.seed = 7});
        rig.stop_at = 17;
        rig.stop_when = GUEST_STORE_MIDDLE;
        rig.middle_bytes = 33;
        rig_disk(&rig, MANY);
        rig_power_loss(&rig, GUEST_STORE_KEEP_RANDOM);
        rig_tree(&rig, i ? again : first, sizeof first);
        cr_assert(i == 0 || strcmp(again, first) == 0, "%s\n%s", first, again);
    }
}
