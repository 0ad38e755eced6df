/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_doctor.c - limphome doctor: what this machine can do, and the command that helps where it
 * cannot. Everything is found by trying it; nothing is changed. */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux has a struct of the same name as sim/can. */
#define can_frame linux_can_frame
#include <linux/can.h>
#undef can_frame

static const char help[] =
    "usage: limphome doctor\n"
    "\n"
    "Tells what this machine can do and the command that fixes what is missing. Simulation in\n"
    "virtual time needs none of it.\n"
    "\n"
    "Exit code: 0 if nothing is missing, 1 otherwise.\n";

/* Probes: 0, or an errno value. */

static int probe_socket(int type, int protocol)
{
    const int fd = socket(PF_CAN, type, protocol);
    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

static int probe_raw(void)
{
    return probe_socket(SOCK_RAW, CAN_RAW);
}

static int probe_isotp(void)
{
    return probe_socket(SOCK_DGRAM, CAN_ISOTP);
}

static int probe_bcm(void)
{
    return probe_socket(SOCK_DGRAM, CAN_BCM);
}

static bool is_can(const char *interface)
{
    char path[320];
    char line[32] = "";
    uint64_t type = 0;
    snprintf(path, sizeof path, "/sys/class/net/%s/type", interface);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    const bool got = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return got && cli_parse_u64(line, UINT16_MAX, &type) && type == ARPHRD_CAN;
}

static int probe_interface(void)
{
    DIR *folder = opendir("/sys/class/net");
    const struct dirent *entry;
    bool found = false;
    if (folder == NULL) {
        return errno;
    }
    while (!found && (entry = readdir(folder)) != NULL) {
        found = is_can(entry->d_name);
    }
    closedir(folder);
    return found ? 0 : ENODEV;
}

/* In a process of its own, because a filter cannot be taken off again. */
static int install_listener(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = 1, .filter = &allow};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return errno;
    }
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                   &program) >= 0
               ? 0
               : errno;
}

static int probe_notification(void)
{
    int status = 0;
    const pid_t child = fork();
    if (child < 0) {
        return errno;
    }
    if (child == 0) {
        _exit(install_listener());
    }
    if (waitpid(child, &status, 0) != child) {
        return errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static int take_descriptor(pid_t child)
{
    const long process = syscall(SYS_pidfd_open, child, 0);
    if (process < 0) {
        return errno;
    }
    const long fd = syscall(SYS_pidfd_getfd, process, STDIN_FILENO, 0);
    /* EBADF: the call works, there was nothing to take. */
    const int rc = fd >= 0 || errno == EBADF ? 0 : errno;
    if (fd >= 0) {
        close((int)fd);
    }
    close((int)process);
    return rc;
}

static int probe_getfd(void)
{
    int held[2];
    if (pipe(held) != 0) {
        return errno;
    }
    const pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        close(held[1]);
        _exit(read(held[0], &byte, 1) < 0); /* Until the parent is done. */
    }
    close(held[0]);
    const int rc = child > 0 ? take_descriptor(child) : errno;
    close(held[1]);
    return child > 0 && waitpid(child, NULL, 0) != child ? errno : rc;
}

/* What is told. */

static const struct {
    const char *name;
    int (*probe)(void);
    const char *used_for;
    const char *missing;  /* What helps if the machine does not have it, */
    const char *withheld; /* and if it has, and does not give it to us. */
} rows[] = {
    {"CAN sockets (CAN_RAW)", probe_raw, "limphome up, limphome-master on real or virtual CAN",
     "modprobe can-raw; a kernel without CAN (cloud kernels, WSL) needs another one",
     "the container withholds AF_CAN: run it with a seccomp profile that allows the family"},
    {"a CAN interface", probe_interface, "limphome up",
     "modprobe vcan; ip link add dev vcan0 type vcan && ip link set up vcan0",
     "the container shows no interfaces: run it with --network=host"},
    {"kernel ISO-TP (CAN_ISOTP)", probe_isotp, "masters that use it, beside limphome up",
     "modprobe can-isotp (Linux 5.10 or newer)", "see CAN sockets"},
    {"broadcast manager (CAN_BCM)", probe_bcm, "masters that use it, beside limphome up",
     "modprobe can-bcm", "see CAN sockets"},
    {"seccomp user notification", probe_notification, "unmodified programs in virtual time",
     "a kernel with CONFIG_SECCOMP_FILTER, Linux 5.9 or newer",
     "the container withholds seccomp(): --security-opt seccomp=unconfined"},
    {"pidfd_getfd", probe_getfd, "unmodified programs in virtual time", "Linux 5.6 or newer",
     "--cap-add SYS_PTRACE for the container, or sysctl kernel.yama.ptrace_scope=1"},
};

static bool examine(size_t index)
{
    const int error = rows[index].probe();
    const bool good = error == 0;
    printf("  %s%-8s%s %-28s for %s\n", cli_on(stdout, good ? CLI_GOOD : CLI_BAD),
           good ? "yes" : "no", cli_off(stdout), rows[index].name, rows[index].used_for);
    if (!good) {
        const bool withheld = error == EPERM || error == EACCES;
        printf("  %-8s %s: %s\n", "", strerror(error),
               withheld ? rows[index].withheld : rows[index].missing);
    }
    return good;
}

int cli_doctor(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    optind = 1;
    const int option = getopt_long(argc, argv, "", options, NULL);
    if (option == 'h') {
        fputs(help, stdout);
        return CLI_OK;
    }
    if (option != -1) {
        return cli_usage_hint("doctor");
    }
    if (optind < argc) {
        return cli_usage_error("doctor", "\"%s\" belongs to no option", argv[optind]);
    }
    bool all = true;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        all = examine(i) && all;
    }
    return all ? CLI_OK : CLI_NOT_AS_WANTED;
}
