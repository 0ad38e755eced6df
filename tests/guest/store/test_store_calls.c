/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/test_store_calls.c - calls on a guest's disk: numbers, the hook, faults, space,
 * time, damage. */
#include "tests/guest/store/store_rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig, NULL);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(disk, .init = open_rig, .fini = close_rig);

static void reopen(const struct guest_store_cfg *cfg)
{
    rig_close(&rig);
    rig_open(&rig, cfg);
}

Test(disk, numbers_what_changes_something)
{
    cr_assert_str_eq(rig_disk(&rig, "open a , write x 10 , pwrite y 5 2 , fsync , rename a b , "
                                    "ftruncate 3 , mkdir d , rmdir d , unlink b , unlink b"),
                     "open 0;write 10;pwrite 5;fsync 0;rename 0;ftruncate 0;mkdir 0;rmdir 0;"
                     "unlink 0;unlink -1 ENOENT;");
    cr_assert_str_eq(rig.ops, "<1 create a 0+0\n>1 create a 0+0\n"
                              "<2 write a 0+10\n>2 write a 0+10\n"
                              "<3 write a 2+5\n>3 write a 2+5\n"
                              "<4 sync a 0+15\n>4 sync a 0+15\n"
                              "<5 rename a b 0+0\n>5 rename a b 0+0\n"
                              "<6 truncate b 0+3\n>6 truncate b 0+3\n"
                              "<7 mkdir d 0+0\n>7 mkdir d 0+0\n"
                              "<8 remove d 0+0\n>8 remove d 0+0\n"
                              "<9 remove b 0+0\n>9 remove b 0+0\n"
                              "<10 remove b 0+0\n>10 remove b 0+0 fails\n");
    cr_assert_eq(guest_store_ops(rig.store), 10);
    cr_assert_eq(guest_store_count(rig.store, GUEST_STORE_WRITE), 2);
    const struct guest_store_file *file = guest_store_file_of(rig.store, "a");
    cr_assert(file && file->creates == 1 && file->writes == 2 && file->written_bytes == 15 &&
              file->syncs == 1);
}

Test(disk, tells_reads_if_told)
{
    rig_run(&rig, "sh -c echo>a");
    guest_store_free(rig.store);
    rig.cfg.reads = true;
    rig.store = guest_store_new(&rig.cfg, NULL);
    rig.ops[0] = '\0';
    rig_run(&rig, "cat a");
    cr_assert_str_eq(rig.output, "\n");
    cr_assert(strstr(rig.ops, "<0 open a 0+0\n<0 read a 0+"), "%s", rig.ops);
}

/* What is in the file after a stop before, in the middle of and after a write, and what the call
 * returns when the run goes on. */
Test(disk, stops_around_a_write)
{
    static const struct {
        enum guest_store_when when;
        const char *content, *answer;
    } rows[] = {{GUEST_STORE_BEFORE, "x10", "write 10;write 20;"},
                {GUEST_STORE_MIDDLE, "x10 y7", "write 10;write 7;"},
                {GUEST_STORE_AFTER, "x10 y20", "write 10;write 20;"}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        reopen(NULL);
        rig.stop_at = 3;
        rig.stop_when = rows[i].when;
        rig.middle_bytes = 7;
        char command[256];
        snprintf(command, sizeof command,
                 "%s/tests/guest/store/disk open a , write x 10 , write y 20", LIMPHOME_BINARY_DIR);
        cr_assert_eq(rig_start(&rig, command), SUPERVISOR_STOPPED);
        cr_assert_str_eq(rig_content(&rig, "a"), rows[i].content, "row %zu", i);
        cr_assert_eq(rig_go_on(&rig), SUPERVISOR_EXITED);
        cr_assert_eq(supervisor_exit_code(rig.master), 0);
        cr_assert_str_eq(rig_content(&rig, "a"), i == 1 ? "x10 y7" : "x10 y20");
        cr_assert_eq(guest_store_ops(rig.store), 3);
    }
}

Test(disk, stops_around_other_calls)
{
    static const char *const lines[] = {"new a , write x 5", "open a , fsync , write x 5",
                                        "open a , rename a b , write x 5",
                                        "empty old , unlink old , write x 5"};
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        for (uint64_t number = 1; number <= 2; number++) {
            for (int when = GUEST_STORE_BEFORE; when <= GUEST_STORE_AFTER; when += 2) {
                reopen(NULL);
                rig_disk(&rig, "open old , close");
                rig.stop_at = 1 + number;
                rig.stop_when = (enum guest_store_when)when;
                char command[256];
                snprintf(command, sizeof command, "%s/tests/guest/store/disk %s",
                         LIMPHOME_BINARY_DIR, lines[i]);
                cr_assert_eq(rig_start(&rig, command), SUPERVISOR_STOPPED);
                cr_assert_eq(rig_go_on(&rig), SUPERVISOR_EXITED);
                rig_kill(&rig);
                cr_assert_eq(guest_store_count(rig.store, GUEST_STORE_WRITE), 1);
                const struct guest_store_file *file = guest_store_file_at(rig.store, 1);
                cr_assert(i == 3 || file != NULL);
            }
        }
    }
}

Test(disk, lets_nobody_run_on_after_a_stop)
{
    rig.stop_at = 3;
    rig.stop_when = GUEST_STORE_AFTER;
    char command[256];
    snprintf(command, sizeof command, "%s/tests/guest/store/disk %s", LIMPHOME_BINARY_DIR,
             "open a , write x 100 , syncstore y 50");
    cr_assert_eq(rig_start(&rig, command), SUPERVISOR_STOPPED);
    cr_assert_eq(system("true"), 0); /* The processor is free for who would run. */
    cr_assert_str_eq(rig_content(&rig, "a"), "x100");
    cr_assert_eq(rig_go_on(&rig), SUPERVISOR_EXITED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y50 x50");
}

Test(disk, stops_in_the_middle_of_a_sync)
{
    rig.stop_at = 4;
    rig.stop_when = GUEST_STORE_MIDDLE;
    rig.middle_bytes = 6;
    rig_disk(&rig, "open a , fsync , write x 10 , fsync , write y 10");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "x6");
}

Test(disk, fails_where_it_is_told_to)
{
    struct guest_store_fault sync = {
        .kinds = 1u << GUEST_STORE_SYNC, .first = 2, .times = 1, .error = EIO};
    struct guest_store_fault path = {.path = "ro*", .error = EROFS};
    struct guest_store_fault quota = {
        .path = "q", .kinds = 1u << GUEST_STORE_WRITE, .error = EDQUOT, .let_bytes = 15};
    guest_store_add_fault(rig.store, &sync);
    guest_store_add_fault(rig.store, &path);
    guest_store_add_fault(rig.store, &quota);
    cr_assert_str_eq(rig_disk(&rig, "open a , fsync , fsync , fsync , open ro , rename a ro2 , "
                                    "open q , write x 10 , write y 10 , write z 10"),
                     "open 0;fsync 0;fsync -1 EIO;fsync 0;open -1 EROFS;rename -1 EROFS;"
                     "open 0;write 10;write 5;write -1 EDQUOT;");
    cr_assert_eq(sync.fired, 1);
    cr_assert_eq(sync.matched, 3);
    cr_assert_eq(path.fired, 2);
    cr_assert_eq(quota.fired, 3);
    cr_assert_str_eq(rig_content(&rig, "q"), "x10 y5");
    cr_assert_str_eq(rig_content(&rig, "ro"), "-");
    guest_store_remove_fault(rig.store, &path);
    cr_assert_str_eq(rig_disk(&rig, "open ro"), "open 0;");
}

Test(disk, takes_its_time)
{
    struct guest_store_fault slow = {
        .kinds = 1u << GUEST_STORE_WRITE, .first = 2, .delay_ns = SIM_MS(700)};
    reopen(&(struct guest_store_cfg){.sync_ns = SIM_MS(5), .sync_bps = 10000});
    guest_store_add_fault(rig.store, &slow);
    char command[256];
    snprintf(command, sizeof command, "%s/tests/guest/store/disk %s", LIMPHOME_BINARY_DIR,
             "open a , write x 500 , fsync , write y 500 , fsync , opensync a , pwrite z 100 0");
    rig_run(&rig, command);
    cr_assert_str_eq(rig.output, "0.000000 open 0\n0.000000 write 500\n0.055000 fsync 0\n"
                                 "0.755000 write 500\n0.810000 fsync 0\n0.810000 opensync 0\n"
                                 "1.525000 pwrite 100\n");
    cr_assert_eq(slow.fired, 2);
}

Test(disk, lets_others_run_while_one_waits)
{
    reopen(&(struct guest_store_cfg){.sync_ns = SIM_S(1)});
    rig_run(&rig, "sh -c sync&sleep${IFS}0.3;echo${IFS}early;wait;echo${IFS}late");
    cr_assert_str_eq(rig.output, "early\nlate\n");
    cr_assert_eq(rig.sim.now_ns, SIM_S(1));
}

Test(disk, is_full_when_its_blocks_are_used)
{
    reopen(&(struct guest_store_cfg){.capacity_bytes = 5 * 4096});
    cr_assert_eq(guest_store_used_bytes(rig.store), 4096); /* The folder itself. */
    cr_assert_str_eq(rig_disk(&rig, "free . , open a , free . , write x 10000 , free . , "
                                    "write y 10000 , write z 1 , pwrite u 100 50 , mkdir d , "
                                    "free . , ftruncate 4096 , free . , ftruncate 20000 , "
                                    "fallocate 16384 , fallocate 16385"),
                     "free 16384;open 0;free 16384;write 10000;free 4096;"
                     "write 6384;write -1 ENOSPC;pwrite 100;mkdir -1 ENOSPC;"
                     "free 0;ftruncate 0;free 12288;ftruncate -1 ENOSPC;"
                     "fallocate 0;fallocate -1 ENOSPC;");
    cr_assert_eq(guest_store_free_bytes(rig.store), 0);
    cr_assert_eq(guest_store_times_full(rig.store), 5);
}

Test(disk, gives_space_back_when_nobody_has_the_file)
{
    reopen(&(struct guest_store_cfg){.capacity_bytes = 40960, .block_bytes = 1});
    guest_store_set_free(rig.store, 1000);
    cr_assert_str_eq(rig_disk(&rig,
                              "open a , write x 900 , unlink a , free . , write y 200 , "
                              "close , free . , open b , write z 300 , open c , write u 100 , "
                              "rename c b , free ."),
                     "open 0;write 900;unlink 0;free 100;write 100;"
                     "close 0;free 1000;open 0;write 300;open 0;write 100;"
                     "rename 0;free 600;"); /* It has the old one open. */
    cr_assert_eq(guest_store_free_bytes(rig.store), 900);
    guest_store_set_free(rig.store, UINT64_MAX);
    cr_assert_eq(guest_store_free_bytes(rig.store), UINT64_MAX);
}

Test(disk, is_a_file_system_of_its_own)
{
    char elsewhere[] = "/tmp/limphome-else-XXXXXX";
    char commands[512];
    char expected[512];
    cr_assert_not_null(mkdtemp(elsewhere));
    snprintf(commands, sizeof commands,
             "open a , rename a %s/a , link a %s/a , open %s/b , rename %s/b b , "
             "rename %s c , rmdir %s , unlink %s/b",
             elsewhere, elsewhere, elsewhere, elsewhere, rig.folder, rig.folder, elsewhere);
    snprintf(expected, sizeof expected, "%s",
             "open 0;rename -1 EXDEV;link -1 EXDEV;open 0;rename -1 EXDEV;"
             "rename -1 EXDEV;rmdir -1 EBUSY;unlink 0;");
    cr_assert_str_eq(rig_disk(&rig, commands), expected);
    rmdir(elsewhere);
}

Test(disk, follows_links_and_descriptors)
{
    char commands[512];
    snprintf(
        commands, sizeof commands,
        "mkdir d , symlink d s , open s/a , write x 5 , symlink a d/l , empty s/l , write y 3 , "
        "symlink %s/new d/n , open d/n , write z 2 , append d/../d/a , write y 2",
        rig.folder);
    rig_disk(&rig, commands);
    cr_assert_str_eq(rig_content(&rig, "d/a"), "y5");
    cr_assert_str_eq(rig_content(&rig, "new"), "z2");
    cr_assert(strstr(rig.ops, "write d/a 3+2\n") && strstr(rig.ops, "write new 0+2\n"), "%s",
              rig.ops);
    rig_run(&rig, "sh -c cd${IFS}d&&exec${IFS}>>a&&echo");
    cr_assert_str_eq(rig_content(&rig, "d/a"), "y5 \n1");
}

Test(disk, keeps_modes_and_the_mask)
{
    struct stat info;
    char path[128];
    rig_run(&rig, "sh -c umask${IFS}077;echo>a;echo>e;mkdir${IFS}d;chmod${IFS}444${IFS}a");
    snprintf(path, sizeof path, "%s/d", rig.folder);
    cr_assert(stat(path, &info) == 0 && (info.st_mode & 07777) == 0700);
    snprintf(path, sizeof path, "%s/e", rig.folder);
    cr_assert(stat(path, &info) == 0 && (info.st_mode & 07777) == 0600);
    rig_run(&rig, "sh -c chmod${IFS}0${IFS}d;chmod${IFS}755${IFS}d;sync");
    rig_disk(&rig, "open n , write x 10 , fsync , write y 10 , unlink a");
    rig_run(&rig, "sh -c chmod${IFS}0${IFS}n");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    snprintf(path, sizeof path, "%s/n", rig.folder);
    cr_assert(stat(path, &info) == 0 && (info.st_mode & 07777) == 0 && info.st_size == 10);
    snprintf(path, sizeof path, "%s/a", rig.folder);
    cr_assert(stat(path, &info) == 0 && (info.st_mode & 07777) == 0444);
}

Test(disk, sees_what_a_mapping_wrote)
{
    rig_disk(&rig, "open a , write x 2000 , fsync , mmap y 700 , open b , fsync");
    cr_assert_str_eq(rig_content(&rig, "a"), "y700 x1300");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "x2000");
    rig_disk(&rig, "open a , mmap z 700 , fdatasync , mmap u 10");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "z700 x1300");
}

Test(disk, counts_what_goes_to_each_sector)
{
    rig_disk(&rig, "open a , write x 1024 , fsync , pwrite y 10 0 , pwrite y 10 20 , fsync , "
                   "pwrite y 10 0 , fsync , pwrite y 10 600 , fsync , pwrite y 10 700");
    cr_assert_eq(guest_store_file_of(rig.store, "a")->sector_writes_max, 3);
    cr_assert_eq(guest_store_file_of(rig.store, "a")->writes, 6);
    rig_disk(&rig, "open r , write x 10 , fsync , rename r b , open r , write x 10 , fsync , "
                   "rename r b");
    cr_assert_eq(guest_store_file_of(rig.store, "r")->sector_writes_max, 1);
    cr_assert_eq(guest_store_file_of(rig.store, "r")->creates, 2);
}

/* Bits in which a file of 100 bytes differs from as many x; *last is its last byte. */
static unsigned long wrong_bits(const char *path, int *last)
{
    char full[256];
    unsigned char bytes[101];
    unsigned long bits = 0;
    (void)snprintf(full, sizeof full, "%s/%s", rig.folder, path);
    FILE *file = fopen(full, "re");
    cr_assert_not_null(file);
    cr_assert_eq(fread(bytes, 1, sizeof bytes, file), 100);
    (void)fclose(file);
    for (size_t i = 0; i < 100; i++) {
        bits += (unsigned long)__builtin_popcount(bytes[i] ^ (unsigned)'x');
    }
    *last = bytes[99];
    return bits;
}

Test(disk, can_be_damaged)
{
    struct err err = {0};
    int last = 0;
    rig_disk(&rig, "open a , write x 100 , fsync");
    cr_assert_eq(guest_store_flip_bits(rig.store, "a", 801, &err), ERR_RANGE);
    cr_assert_eq(guest_store_cut_file(rig.store, "a", 101, &err), ERR_RANGE);
    cr_assert_eq(guest_store_flip_bits(rig.store, "none", 1, &err), ERR_NOT_FOUND);
    cr_assert_str_eq(rig_content(&rig, "a"), "x100");
    cr_assert_eq(guest_store_flip_bits(rig.store, "a", 3, &err), 0);
    cr_assert_eq(guest_store_flip_bit(rig.store, "a", 99, 7, &err), 0);
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_eq(wrong_bits("a", &last), 4);
    cr_assert_eq(last ^ 0x80, 'x');
    cr_assert_eq(guest_store_cut_file(rig.store, "a", 40, &err), 0);
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_eq(guest_store_zero_file(rig.store, "a", &err), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "040");
    cr_assert_eq(guest_store_garble_file(rig.store, "a", &err), 0);
    cr_assert_str_neq(rig_content(&rig, "a"), "040");
}

Test(disk, can_be_damaged_while_writes_wait)
{
    rig_disk(&rig, "open a , write x 100 , fsync , pwrite y 5 95");
    cr_assert_eq(guest_store_flip_bit(rig.store, "a", 0, 0, NULL), 0);
    cr_assert_eq(guest_store_flip_bit(rig.store, "a", 99, 0, NULL), 0);
    cr_assert_str_eq(rig_content(&rig, "a"), "y1 x94 y4 x1");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "a"), "y1 x98 y1");
}

/* The owner's own changes between two lives are durable; what a life left unsynced is not. */
Test(disk, takes_over_what_its_owner_changed)
{
    char path[128];
    rig_disk(&rig, "open a , write x 10 , fsync , pwrite y 5 0 , open gone , sync , open b");
    snprintf(path, sizeof path, "%s/job", rig.folder);
    FILE *job = fopen(path, "we");
    fputs("jjj", job);
    fclose(job);
    snprintf(path, sizeof path, "%s/gone", rig.folder);
    unlink(path);
    rig_disk(&rig, "open a , pwrite z 1 0");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "job"), "j3");
    cr_assert_str_eq(rig_content(&rig, "gone"), "-");
    cr_assert_str_eq(rig_content(&rig, "b"), "-");
    cr_assert_str_eq(rig_content(&rig, "a"), "y5 x5");
}

Test(disk, needs_a_folder)
{
    struct err err = {0};
    struct guest_store_cfg cfg = {.folders = {"/nowhere/at/all"}};
    cr_assert_null(guest_store_new(&cfg, &err));
    cr_assert_eq(err.code, ERR_NOT_FOUND);
    cfg = (struct guest_store_cfg){.folders = {rig.folder, rig.folder}};
    cr_assert_null(guest_store_new(&cfg, &err));
    cr_assert_eq(err.code, ERR_CONFLICT);
}
