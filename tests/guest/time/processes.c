/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/time/processes.c - fork, exec and the ways to wait for a child. */
#include "tests/guest/time/rig.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

/* The arguments of a shell that sleeps so many units and then ends with a code. */
static char **shell_sleep(double count, int code)
{
    static char command[100];
    static char *arguments[] = {(char *)"sh", (char *)"-c", command, NULL};
    snprintf(command, sizeof command, "sleep %.3f; exit %d", (double)units_ns(count) / SECOND_NS,
             code);
    return arguments;
}

static pid_t child_of(double count, int code)
{
    pid_t child = fork();
    if (child == 0) {
        sleep_units(count);
        _exit(code);
    }
    return child;
}

static void wait_part(void)
{
    int status;
    child_of(2, 3);
    pid_t got = wait(&status);
    stamp("wait: %d, code %d", got > 0, WEXITSTATUS(status));
    stamp_result("no child left", wait(&status));
    pid_t slow = child_of(3, 1), fast = child_of(1, 2);
    got = waitpid(slow, &status, 0);
    stamp("waitpid: %d, code %d", got == slow, WEXITSTATUS(status));
    got = waitpid(-1, &status, 0);
    stamp("the fast one waits: %d, code %d", got == fast, WEXITSTATUS(status));
    child_of(1, 0);
    stamp_result("WNOHANG", waitpid(-1, &status, WNOHANG));
    sleep_units(2);
    stamp("WNOHANG: %d", waitpid(-1, &status, WNOHANG) > 0);
    struct rusage usage;
    child_of(1, 4);
    got = wait4(-1, &status, 0, &usage);
    stamp("wait4: %d, code %d", got > 0, WEXITSTATUS(status));
}

static void waitid_part(void)
{
    siginfo_t info = {0};
    pid_t child = child_of(2, 6);
    stamp_result("WNOHANG", waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG));
    stamp("nobody: %d", info.si_pid);
    stamp_result("WNOWAIT", waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    stamp("code %d status %d", info.si_code == CLD_EXITED, info.si_status);
    stamp_result("waitid", waitid(P_ALL, 0, &info, WEXITED));
    child = child_of(100, 0);
    kill(child, SIGTERM);
    stamp_result("waitid", waitid(P_PID, (id_t)child, &info, WEXITED));
    stamp("killed %d by %d", info.si_code == CLD_KILLED, info.si_status == SIGTERM);
}

static void stopped(void)
{
    int status;
    pid_t child = child_of(3, 0);
    sleep_units(1);
    kill(child, SIGSTOP);
    pid_t got = waitpid(child, &status, WUNTRACED);
    stamp("stopped: %d", got == child && WIFSTOPPED(status));
    sleep_units(1);
    kill(child, SIGCONT);
    got = waitpid(child, &status, WCONTINUED);
    stamp("continued: %d", got == child && WIFCONTINUED(status));
    waitpid(child, &status, 0);
    stamp("ended: %d", WIFEXITED(status));
    child = child_of(1, 0);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    sleep_units(3);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    stamp("a sleep that ended while stopped");
}

/* A stop and a continuation are told once, each to who asks for it; then the wait goes on. */
static void jobs(void)
{
    int status;
    siginfo_t info;
    pid_t one = child_of(4, 1);
    pid_t two = child_of(2, 2);
    sleep_units(1);
    kill(one, SIGSTOP);
    pid_t got = waitpid(-1, &status, WUNTRACED);
    stamp("stopped: %d", got == one && WIFSTOPPED(status));
    got = waitpid(-1, &status, WUNTRACED);
    stamp("the other ended: %d", got == two && WIFEXITED(status));
    kill(one, SIGCONT);
    got = waitpid(one, &status, WUNTRACED);
    stamp("ended: %d", got == one && WIFEXITED(status));
    one = child_of(2, 1);
    kill(one, SIGSTOP);
    stamp_result("look", waitid(P_PID, (id_t)one, &info, WSTOPPED | WNOWAIT));
    stamp_result("look", waitid(P_PID, (id_t)one, &info, WSTOPPED));
    kill(one, SIGCONT);
    stamp_result("continued", waitid(P_PID, (id_t)one, &info, WCONTINUED));
    stamp_result("for nothing", waitid(P_PID, (id_t)one, &info, 0));
    waitpid(one, &status, 0);
    stamp("ended");
}

/* Children of others: of an ended child, as a subreaper, and of one that makes them ours. */
static void adopted(void)
{
    int status;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (fork() == 0) {
        child_of(3, 5);
        sleep_units(1);
        _exit(4);
    }
    wait(&status);
    stamp("child: %d", WEXITSTATUS(status));
    wait(&status);
    stamp("its child: %d", WEXITSTATUS(status));
    if (fork() == 0) {
        if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0) == 0) {
            sleep_units(2);
            _exit(6);
        }
        _exit(7);
    }
    wait(&status);
    stamp("child: %d", WEXITSTATUS(status));
    wait(&status);
    stamp("its brother: %d", WEXITSTATUS(status));
    stamp_result("nobody", wait(&status));
}

static void pidfd(void)
{
    pid_t child = child_of(2, 9);
    int fd = (int)syscall(SYS_pidfd_open, child, 0);
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    stamp_result("poll", poll(&poller, 1, units_ms(1)));
    stamp_result("poll", poll(&poller, 1, units_ms(5)));
    siginfo_t info = {0};
    stamp_result("P_PIDFD", waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
    stamp("status %d", info.si_status);
}

static void exec_part(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        execvp("sh", shell_sleep(2, 5));
        _exit(127);
    }
    waitpid(child, &status, 0);
    stamp("exec: %d", WEXITSTATUS(status));
    child = vfork();
    if (child == 0) {
        execvp("sh", shell_sleep(1, 7));
        _exit(127);
    }
    stamp("vfork is back");
    waitpid(child, &status, 0);
    stamp("vfork: %d", WEXITSTATUS(status));
    child = vfork();
    if (child == 0) {
        execl("/nonexistent", "x", (char *)NULL);
        _exit(9);
    }
    waitpid(child, &status, 0);
    stamp("vfork without exec: %d", WEXITSTATUS(status));
}

static void spawn(void)
{
    pid_t child;
    int status;
    stamp_error("posix_spawnp", posix_spawnp(&child, "sh", NULL, NULL, shell_sleep(2, 4), environ));
    waitpid(child, &status, 0);
    stamp("code %d", WEXITSTATUS(status));
    char *arguments[] = {(char *)"x", NULL};
    stamp_error("of nothing", posix_spawn(&child, "/nonexistent", NULL, NULL, arguments, environ));
    stamp("system: %d", WEXITSTATUS(system(shell_sleep(1, 3)[2])));
    FILE *stream = popen("echo one; sleep 0; echo two", "r");
    char line[20];
    while (fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        stamp("popen says %s", line);
    }
    stamp("pclose: %d", pclose(stream));
    stream = popen(shell_sleep(2, 6)[2], "w");
    stamp("pclose waits: %d", WEXITSTATUS(pclose(stream)));
}

static void family(void)
{
    int ends[2];
    if (pipe(ends) != 0) {
        abort();
    }
    if (fork() == 0) {
        if (fork() == 0) {
            sleep_units(3);
            stamp("the orphan ends");
            _exit(0);
        }
        _exit(0);
    }
    close(ends[1]);
    wait(NULL);
    stamp("the child is gone");
    char byte;
    stamp_result("end of file when the orphan has gone", read(ends[0], &byte, 1));
}

static void many(void)
{
    for (int i = 0; i < 20; i++) {
        child_of(1 + i % 3, i);
    }
    int sum = 0, status;
    while (wait(&status) > 0) {
        sum += WEXITSTATUS(status);
    }
    stamp("sum %d", sum);
}

static void *sleep_long(void *unused)
{
    (void)unused;
    sleep_units(1000);
    return NULL;
}

static void exec_with_threads(void)
{
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, sleep_long, NULL);
    }
    sleep_units(1);
    char *arguments[] = {(char *)"echo", (char *)"a new program", NULL};
    execvp("echo", arguments);
}

static void fork_with_threads(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sleep_long, NULL);
    sleep_units(1);
    int status;
    waitpid(child_of(2, 8), &status, 0);
    stamp("code %d", WEXITSTATUS(status));
    exit(0);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        {"wait", wait_part},
        {"waitid", waitid_part},
        {"stopped", stopped},
        {"jobs", jobs},
        {"adopted", adopted},
        {"pidfd", pidfd},
        {"exec", exec_part},
        {"spawn", spawn},
        {"family", family},
        {"many", many},
        {"exec_threads", exec_with_threads},
        {"fork_threads", fork_with_threads},
        {NULL, NULL},
    };
    return rig_main(argc, argv, parts);
}
