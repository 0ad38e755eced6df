/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_double.c - a program goes on after its double has run to its end as if
 * there had been none: files, offsets in open files, and what the program remembers. */
#include "guest/supervisor_twin.h"
#include "scenarios/explore/explore_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PRELOAD LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so"

/* Each second a word of "in" goes to the end of "out"; at the end a new file takes the place of
 * "out", which is still open, and another is left behind. */
static const char program[] = "import os, sys, time\n"
                              "into = open('out', 'ab', buffering=0)\n"
                              "source = open('in', 'rb', buffering=0)\n"
                              "kept = open('kept', 'r+b', buffering=0)\n"
                              "said = b''\n"
                              "for second in range(5):\n"
                              "    word = source.read(2)\n"
                              "    said += word\n"
                              "    into.write(word)\n"
                              "    kept.write(word)\n"
                              "    time.sleep(1)\n"
                              "open('new', 'wb').write(said)\n"
                              "os.replace('new', 'kept')\n"
                              "open('left', 'wb').write(b'over')\n"
                              "sys.exit(40 if said == b'a b c d e ' else 1)\n";

#define FOLDER "/tmp/limphome-test-XXXXXX"
static char folder[] = FOLDER;

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void expect_file(const char *name, const char *text, const char *when)
{
    char got[64] = "";
    FILE *file = fopen(name, "r");
    cr_assert_not_null(file, "%s, %s", name, when);
    const size_t len = fread(got, 1, sizeof got - 1, file);
    (void)fclose(file);
    got[len] = '\0';
    cr_expect_str_eq(got, text, "%s, %s", name, when);
}

/* Whatever the test itself has there. */
static void take_standard_files(void)
{
    const int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        cr_assert_eq(dup2(null, fd), fd);
    }
    (void)close(null);
}

static struct supervisor *start(struct sim *sim, const char *text)
{
    struct err err = {.code = 0};
    char python[] = "/usr/bin/python3";
    char option[] = "-c";
    char *const code = strdup(text);
    char *const argv[] = {python, option, code, NULL};
    memcpy(folder, FOLDER, sizeof folder);
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    take_standard_files();
    put("in", "a b c d e f g h ");
    put("kept", "");
    sim_init(sim, &(struct sim_cfg){.seed = 1});
    struct supervisor *supervisor =
        supervisor_new(&(struct supervisor_cfg){.sim = sim, .preload_path = PRELOAD}, &err);
    cr_assert_not_null(supervisor, "%s", err.text);
    cr_assert_eq(supervisor_start(supervisor, argv, &err), 0, "%s", err.text);
    free(code);
    return supervisor;
}

static void end(struct sim *sim, struct supervisor *supervisor)
{
    static const char *const names[] = {"in", "out", "kept", "left"};
    supervisor_free(supervisor);
    sim_release(sim);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        (void)unlink(names[i]);
    }
    cr_assert_eq(rmdir(folder), 0);
}

/* What becomes of a double. */
enum fate { IS_ENDED, RUNS_ON, IS_DOUBLED };

static void branch(struct supervisor *supervisor, enum fate fate);

static int run_double(struct supervisor *supervisor, const struct supervisor_twin *twin,
                      bool is_doubled)
{
    struct err err = {.code = 0};
    supervisor_twin_enter(supervisor, twin);
    if (is_doubled) {
        branch(supervisor, RUNS_ON);
        branch(supervisor, IS_ENDED);
        put("in", "x x x x x x x x "); /* Its own end differs from that of its double. */
    }
    const bool exited = supervisor_run(supervisor, SIM_NEVER, &err) == SUPERVISOR_EXITED;
    const int code = supervisor_exit_code(supervisor);
    supervisor_free(supervisor);
    return exited && code == (is_doubled ? 1 : 40) ? 40 : 99;
}

static void branch(struct supervisor *supervisor, enum fate fate)
{
    struct err err = {.code = 0};
    struct supervisor_twin twin;
    struct explore_folder kept;
    int status = 0;
    cr_assert_eq(explore_folder_keep(&kept, folder, &err), 0, "%s", err.text);
    cr_assert_eq(supervisor_twin_make(supervisor, &twin, &err), 0, "%s", err.text);
    (void)fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(fate != IS_ENDED ? run_double(supervisor, &twin, fate == IS_DOUBLED) : 40);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 40, "the double: %d", status);
    if (fate == RUNS_ON) {
        expect_file("out", "a b c d e ", "after the double");
        expect_file("left", "over", "after the double");
    }
    cr_assert_eq(explore_folder_put_back(&kept, &err), 0, "%s", err.text);
    cr_assert_eq(supervisor_twin_end(supervisor, &twin, &err), 0, "%s", err.text);
    explore_folder_release(&kept);
}

static sim_ns_t undisturbed_end(void)
{
    struct sim sim;
    struct err err = {.code = 0};
    struct supervisor *supervisor = start(&sim, program);
    cr_assert_eq(supervisor_run(supervisor, SIM_NEVER, &err), SUPERVISOR_EXITED);
    const sim_ns_t end_ns = sim.now_ns;
    end(&sim, supervisor);
    return end_ns;
}

Test(explore_double, the_program_goes_on_as_if_it_had_not_been_doubled)
{
    struct sim sim;
    struct err err = {.code = 0};
    const sim_ns_t end_ns = undisturbed_end();
    struct supervisor *supervisor = start(&sim, program);
    for (unsigned second = 0; second < 4; second++) {
        cr_assert_eq(supervisor_run(supervisor, SIM_MS(500) + SIM_S(second), &err),
                     SUPERVISOR_TIME_UP);
        branch(supervisor, RUNS_ON);
        branch(supervisor, IS_DOUBLED);
        branch(supervisor, IS_ENDED); /* Before it has done anything. */
        cr_expect_eq(access("left", F_OK), -1, "a file of the double is left");
        const size_t bytes = 2 * (size_t)(second + 1);
        char words[] = "a b c d e ";
        words[bytes] = '\0';
        expect_file("out", words, "in the walk");
        expect_file("kept", words, "in the walk");
    }
    cr_assert_eq(supervisor_run(supervisor, SIM_NEVER, &err), SUPERVISOR_EXITED);
    cr_expect_eq(supervisor_exit_code(supervisor), 40);
    cr_expect_eq(sim.now_ns, end_ns);
    expect_file("out", "a b c d e ", "at the end");
    expect_file("kept", "a b c d e ", "at the end");
    end(&sim, supervisor);
}

static void expect_refused(const char *text, const char *why)
{
    struct sim sim;
    struct err err = {.code = 0};
    struct supervisor_twin twin;
    struct supervisor *supervisor = start(&sim, text);
    cr_assert_eq(supervisor_run(supervisor, SIM_MS(500), &err), SUPERVISOR_TIME_UP);
    cr_expect_eq(supervisor_twin_make(supervisor, &twin, &err), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(err.text, why), "%s", err.text);
    cr_expect_eq(supervisor_run(supervisor, SIM_NEVER, &err), SUPERVISOR_EXITED);
    cr_expect_eq(supervisor_exit_code(supervisor), 41, "it was disturbed");
    end(&sim, supervisor);
}

Test(explore_double, a_pipe_is_refused)
{
    expect_refused("import os, sys, time\nends = os.pipe()\ntime.sleep(1)\nsys.exit(41)\n",
                   "a pipe");
}

Test(explore_double, a_second_thread_is_refused)
{
    expect_refused("import sys, threading, time\n"
                   "other = threading.Thread(target=time.sleep, args=(2,))\n"
                   "other.start()\nother.join()\nsys.exit(41)\n",
                   "several threads");
}
