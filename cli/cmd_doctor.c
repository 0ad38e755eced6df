/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_doctor.c - limphome doctor: what this machine can do, and the command that helps where it
 * cannot. Everything is found by trying it; nothing is changed. */
#include "cli/cli.h"
#include "cli/doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: limphome doctor\n"
    "\n"
    "Tells what this machine can do and the command that fixes what is missing. `limphome update`\n"
    "needs none of it.\n"
    "\n"
    "  yes    works here\n"
    "  no     is needed and does not work; the line below says why and what to do\n"
    "  less   does not work; the line below says what it is like without\n"
    "\n"
    "Exit code: 0 if nothing that is needed is missing, 1 otherwise.\n";

const struct cli_syntax cli_doctor_syntax = {"doctor", help, "", cli_help_only, cli_take_help};

struct row {
    enum doctor_item item;
    const char *name;
    unsigned since; /* Linux that has it, DOCTOR_LINUX(). 0: what follows tells. */
    enum doctor_right right;
    const char *missing; /* What helps if the kernel does not have it. */
    const char *without; /* Null: needed. */
};

static const struct row can_rows[] = {
    {DOCTOR_RAW, "CAN sockets (CAN_RAW)", 0, DOCTOR_RIGHT_CAN,
     "modprobe can-raw; a kernel without CAN (cloud kernels, WSL) needs another one", NULL},
    {DOCTOR_INTERFACE, "a CAN interface", 0, DOCTOR_RIGHT_CAN,
     "modprobe vcan; ip link add dev vcan0 type vcan && ip link set up vcan0; a container sees "
     "those of the host with --network=host",
     NULL},
    {DOCTOR_ISOTP, "kernel ISO-TP (CAN_ISOTP)", DOCTOR_LINUX(5, 10), DOCTOR_RIGHT_CAN,
     "modprobe can-isotp", "masters that use it beside limphome up do not work"},
    {DOCTOR_BCM, "broadcast manager (CAN_BCM)", 0, DOCTOR_RIGHT_CAN, "modprobe can-bcm",
     "masters that use it beside limphome up do not work"},
};

#define NEEDS_FILTER "a kernel with CONFIG_SECCOMP_FILTER"

/* Versions: the Linux releases that brought the call or flag (their manual pages). */
static const struct row guest_rows[] = {
    {DOCTOR_NO_NEW_PRIVS, "privileges given up (NO_NEW_PRIVS)", DOCTOR_LINUX(3, 5),
     DOCTOR_RIGHT_FILTER, "another kernel", NULL},
    {DOCTOR_LISTENER, "seccomp user notification", DOCTOR_LINUX(5, 5), DOCTOR_RIGHT_FILTER,
     NEEDS_FILTER, NULL},
    {DOCTOR_KILLABLE, "seccomp WAIT_KILLABLE_RECV", DOCTOR_LINUX(5, 19), DOCTOR_RIGHT_FILTER,
     NEEDS_FILTER, NULL},
    {DOCTOR_ADD_FD, "seccomp ADDFD with SEND", DOCTOR_LINUX(5, 14), DOCTOR_RIGHT_FILTER,
     NEEDS_FILTER, NULL},
    {DOCTOR_PIDFD, "pidfd_open", DOCTOR_LINUX(5, 3), DOCTOR_RIGHT_FILTER, "another kernel", NULL},
    {DOCTOR_GETFD, "pidfd_getfd", DOCTOR_LINUX(5, 6), DOCTOR_RIGHT_TRACE, "another kernel", NULL},
    {DOCTOR_VM_READ, "process_vm_readv", DOCTOR_LINUX(3, 2), DOCTOR_RIGHT_TRACE,
     "a kernel with CONFIG_CROSS_MEMORY_ATTACH", NULL},
    {DOCTOR_KCMP, "kcmp", DOCTOR_LINUX(3, 5), DOCTOR_RIGHT_TRACE, "a kernel with CONFIG_KCMP",
     NULL},
    {DOCTOR_MEMFD, "memfd_create", DOCTOR_LINUX(3, 17), DOCTOR_RIGHT_FILTER,
     "a kernel with CONFIG_MEMFD_CREATE", NULL},
    {DOCTOR_SYNC, "seccomp SYNC_WAKE_UP", DOCTOR_LINUX(6, 6), DOCTOR_RIGHT_FILTER, "another kernel",
     "hand-overs to guests take up to three times as long"},
    {DOCTOR_PIDS, "a PID namespace", DOCTOR_LINUX(3, 8), DOCTOR_RIGHT_PIDS,
     "a kernel with CONFIG_PID_NS and CONFIG_USER_NS",
     "process numbers that guests see differ from run to run"},
    {DOCTOR_LAYOUT, "addresses that stay (ADDR_NO_RANDOMIZE)", 0, DOCTOR_RIGHT_FILTER,
     "another kernel", "addresses that guests see differ from run to run"},
};

/* ENOSYS from a kernel that is new enough comes from a filter that does not know the call. */
static bool withheld(const struct doctor_host *host, const struct row *row, int error)
{
    const bool filter_lies = error == ENOSYS && host->filtered && host->kernel >= row->since;
    return error == EPERM || error == EACCES || error == EBUSY || error == ENOSPC || filter_lies;
}

static void print_why(const struct doctor_host *host, const struct row *row, int error)
{
    printf("         ");
    if (error == DOCTOR_NOT_TRIED) {
        printf("could not be tried without what is missing above\n");
        return;
    }
    if (host->kernel < row->since) {
        printf("needs Linux %u.%u; this is %u.%u", row->since / 1000, row->since % 1000,
               host->kernel / 1000, host->kernel % 1000);
    } else {
        printf("%s: %s", strerror(error),
               withheld(host, row, error) ? doctor_remedy(host, row->right, error) : row->missing);
    }
    printf("%s%s\n", row->without != NULL ? "; without: " : "",
           row->without != NULL ? row->without : "");
}

static bool examine(const struct doctor_host *host, const struct row *row, int error)
{
    const bool good = error == 0;
    const bool needed = row->without == NULL;
    const enum cli_style style = good ? CLI_GOOD : needed ? CLI_BAD : CLI_BOLD;
    printf("  %s%-5s%s  %s\n", cli_on(stdout, style),
           good     ? "yes"
           : needed ? "no"
                    : "less",
           cli_off(stdout), row->name);
    if (!good) {
        print_why(host, row, error);
    }
    return good || !needed;
}

static bool examine_all(const struct doctor_host *host, const char *title, const struct row *rows,
                        size_t len, const int found[static DOCTOR_ITEMS])
{
    bool all = true;
    printf("%s%s%s\n", cli_on(stdout, CLI_BOLD), title, cli_off(stdout));
    for (size_t i = 0; i < len; i++) {
        all = examine(host, &rows[i], found[rows[i].item]) && all;
    }
    return all;
}

static void print_host(const struct doctor_host *host)
{
    printf("Linux %u.%u%s, user %u %s CAP_SYS_PTRACE, %s seccomp filter, ptrace scope (yama) ",
           host->kernel / 1000, host->kernel % 1000, host->container ? " in a container" : "",
           (unsigned)geteuid(), host->may_trace ? "with" : "without",
           host->filtered ? "under a" : "no");
    if (host->ptrace_scope == DOCTOR_NO_SETTING) {
        printf("none\n");
    } else {
        printf("%d\n", host->ptrace_scope);
    }
}

static int report(void)
{
    struct doctor_host host;
    int found[DOCTOR_ITEMS];
    fflush(stdout); /* Children would print it again. */
    doctor_look_at_host(&host);
    doctor_try_can(found);
    doctor_try_guest(found);
    print_host(&host);
    const bool can = examine_all(&host, "Real CAN: limphome up, limphome-master", can_rows,
                                 ARRAY_SIZE(can_rows), found);
    const bool guests = examine_all(&host, "Unmodified programs in virtual time: limphome exec",
                                    guest_rows, ARRAY_SIZE(guest_rows), found);
    return can && guests ? CLI_OK : CLI_NOT_AS_WANTED;
}

int cli_doctor(int argc, char **argv)
{
    bool wants_help = false;
    const int rc = cli_take_options(&cli_doctor_syntax, &wants_help, argc, argv);
    if (rc != CLI_OK || wants_help) {
        fputs(wants_help ? help : "", stdout);
        return rc;
    }
    if (optind < argc) {
        return cli_usage_error("doctor", "\"%s\" belongs to no option", argv[optind]);
    }
    return report();
}
