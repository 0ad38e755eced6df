/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/test_store_programs.c - programs that are not ours on a guest's disk:
 * coreutils, Python and SQLite. SQLite promises to survive any loss of power if syncs are true: it
 * is the judge of the model here. */
#include "tests/guest/store/store_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig, NULL);
}

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(programs, .init = open_rig, .fini = close_rig);

static void reopen(const struct guest_store_cfg *cfg)
{
    rig_close(&rig);
    rig_open(&rig, cfg);
}

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", rig.folder, name);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *shell(const char *script)
{
    put("script", script);
    cr_assert_eq(rig_run(&rig, "sh ./script"), SUPERVISOR_EXITED);
    return rig.output;
}

Test(programs, coreutils_do_what_they_say)
{
    shell("dd if=/dev/zero of=a bs=1000 count=3 conv=fsync 2>/dev/null\n"
          "cp a b; mv b c; mkdir -p d/e; cp -r d f; mv c d/e/; ln -s a l; ln a h; rm a\n"
          "sync; cat d/e/c h | wc -c; truncate -s 10 h; touch new; mv h l; rm -r f");
    cr_assert_str_eq(rig.output, "6000\n");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(shell("cat d/e/c h l 2>&1 | wc -c; ls; readlink l; ls d/e f"),
                     "6034\nd\nf\nh\nl\nscript\na\nd/e:\nc\n\nf:\ne\n");
}

Test(programs, coreutils_notice_a_full_disk)
{
    reopen(&(struct guest_store_cfg){.capacity_bytes = 100 * 1024});
    cr_assert_str_eq(
        shell("dd if=/dev/zero of=a bs=4096 count=100 2>&1 | grep -o 'No space.*'\n"
              "stat -c %s a; df --output=avail,size . | tail -1 | tr -s ' '; rm a\n"
              "df --output=avail . | tail -1 | tr -d ' '; cp /bin/sh b 2>&1 | grep -o 'No sp.*'\n"),
        "No space left on device\n94208\n 0 100\n92\nNo space left on device\n");
}

Test(programs, python_replaces_a_file)
{
    reopen(&(struct guest_store_cfg){.capacity_bytes = 1 << 20});
    put("p.py", "import os, shutil\n"
                "for i in range(3):\n"
                "    with open('t', 'w') as f:\n"
                "        f.write(str(i) * 700)\n"
                "        f.flush()\n"
                "        os.fsync(f.fileno())\n"
                "    os.replace('t', 's')\n"
                "d = os.open('.', os.O_RDONLY)\n"
                "os.fsync(d)\n"
                "shutil.copyfile('s', 'u')\n"
                "os.makedirs('x/y')\n"
                "shutil.move('u', 'x/y/u')\n"
                "space = os.statvfs('.')\n"
                "print(space.f_bavail * space.f_frsize == shutil.disk_usage('x').free,\n"
                "      (1 << 20) - shutil.disk_usage('.').free)\n");
    rig_run(&rig, "python3 p.py");
    /* The folder, p.py, s, x, x/y, u. */
    cr_assert_str_eq(rig.output, "True 24576\n");
    cr_assert_str_eq(rig_content(&rig, "x/y/u"), "2700");
    rig_power_loss(&rig, GUEST_STORE_KEEP_SYNCED);
    cr_assert_str_eq(rig_content(&rig, "s"), "2700");
    cr_assert_str_eq(rig_content(&rig, "x/y/u"), "-");
}

/* Each row is committed by itself. Returns how many more rows there are than the program had told
 * when the power went. */
static long sqlite_survives(const char *mode, const char *synchronous, uint64_t cut, uint64_t seed,
                            const struct guest_store_cfg *cfg)
{
    struct guest_store_cfg with_seed = cfg ? *cfg : (struct guest_store_cfg){.seed = 0};
    char script[2048];
    unsigned long rows;
    unsigned long told = 0;
    char verdict[64] = "";
    with_seed.seed = seed;
    reopen(&with_seed);
    snprintf(script, sizeof script,
             "pragma journal_mode=%s; pragma synchronous=full; create table if not exists "
             "t(i integer primary key, x blob);",
             mode);
    put("make.sql", script);
    rig_run(&rig, "sqlite3 db -init make.sql .quit");
    rig_disk(&rig, "sync");
    script[0] = '\0';
    snprintf(script, sizeof script, "pragma journal_mode=%s; pragma synchronous=%s;\n", mode,
             synchronous);
    for (int i = 1; i <= 6; i++) {
        size_t len = strlen(script);
        snprintf(script + len, sizeof script - len,
                 "insert into t values(%d, randomblob(%d)); select 'row', %d;\n", i, i * 700, i);
    }
    put("fill.sql", script);
    rig.stop_at = guest_store_ops(rig.store) + cut;
    rig.stop_when = cut % 3 ? GUEST_STORE_AFTER : GUEST_STORE_MIDDLE;
    rig.middle_bytes = 100 + 13 * cut;
    rig_run(&rig, "sqlite3 -init fill.sql db .quit");
    for (const char *at = rig.output; (at = strstr(at, "row|")) != NULL; at++) {
        told = strtoul(at + 4, NULL, 10);
    }
    rig.stop_at = 0;
    rig_power_loss(&rig, GUEST_STORE_KEEP_RANDOM);
    put("check.sql", "pragma integrity_check; select count(*), coalesce(max(i), 0) from t;");
    rig_run(&rig, "sqlite3 -batch -init check.sql db .quit");
    cr_assert_eq(sscanf(rig.output, "%63s %lu", verdict, &rows), 2, "%s", rig.output);
    cr_assert_str_eq(verdict, "ok", "%s, cut at %llu, seed %llu: %s", mode, (unsigned long long)cut,
                     (unsigned long long)seed, rig.output);
    return (long)rows - (long)told;
}

Test(programs, sqlite_keeps_its_promises_with_a_rollback_journal, .timeout = 120)
{
    for (uint64_t cut = 1; cut <= 60; cut++) {
        cr_assert_geq(sqlite_survives("delete", "extra", cut, cut, NULL), 0, "cut at %llu",
                      (unsigned long long)cut);
    }
}

/* Its manual: without "extra" the folder is not synced after the journal is removed, and the last
 * transaction may be rolled back by a loss of power. The model must show that, and no more. */
Test(programs, sqlite_may_lose_the_last_row_where_it_says_so, .timeout = 120)
{
    unsigned lost = 0;
    for (uint64_t cut = 1; cut <= 60; cut++) {
        long more = sqlite_survives("delete", "full", cut, cut, NULL);
        cr_assert_geq(more, -1, "cut at %llu", (unsigned long long)cut);
        lost += more < 0;
    }
    cr_assert_gt(lost, 0);
}

Test(programs, sqlite_keeps_its_promises_with_a_write_ahead_log, .timeout = 120)
{
    for (uint64_t cut = 1; cut <= 24; cut++) {
        cr_assert_geq(sqlite_survives("wal", "full", cut, cut, NULL), 0, "cut at %llu",
                      (unsigned long long)cut);
    }
}

/* As many synced writes as an update of a master makes. */
Test(programs, four_hundred_synced_writes_cost_little, .timeout = 60)
{
    struct timespec begin;
    struct timespec end;
    put("w.py", "import os\n"
                "f = os.open('j', os.O_RDWR | os.O_CREAT)\n"
                "for i in range(400):\n"
                "    os.pwrite(f, b'x' * 64, i % 64 * 64)\n"
                "    os.fsync(f)\n");
    clock_gettime(CLOCK_MONOTONIC, &begin);
    rig_run(&rig, "python3 w.py");
    clock_gettime(CLOCK_MONOTONIC, &end);
    cr_assert_eq(guest_store_count(rig.store, GUEST_STORE_SYNC), 400);
    cr_assert_eq(guest_store_file_of(rig.store, "j")->sector_writes_max, 56);
    fprintf(stderr, "programs: 400 writes and syncs with the start of Python: %ld ms\n",
            (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000);
}
