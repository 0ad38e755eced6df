/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor_host.c - who may withhold what on this machine, and the command that helps. */
#include "cli/cli.h"
#include "cli/doctor.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The value of a line "Name:\tvalue" of /proc/self/status (proc_pid_status(5)). */
static uint64_t status_value(const char *name, int base)
{
    char line[256];
    uint64_t value = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ':') {
            value = strtoull(&line[len + 1], NULL, base);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return value;
}

static int setting(const char *path)
{
    char line[32] = "";
    uint64_t value = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return DOCTOR_NO_SETTING;
    }
    const bool got = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return got && cli_parse_u64(line, INT32_MAX, &value) ? (int)value : DOCTOR_NO_SETTING;
}

static unsigned kernel_version(void)
{
    struct utsname name;
    char *end = NULL;
    if (uname(&name) != 0) {
        return 0;
    }
    const unsigned long major = strtoul(name.release, &end, 10);
    const unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
    return DOCTOR_LINUX((unsigned)major, (unsigned)minor);
}

void doctor_look_at_host(struct doctor_host *host)
{
    enum { SECCOMP_STATUS_FILTER = 2 };
    *host = (struct doctor_host){
        .kernel = kernel_version(),
        .container = access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
                     getenv("container") != NULL,
        .filtered = status_value("Seccomp", 10) == SECCOMP_STATUS_FILTER,
        .may_trace = (status_value("CapEff", 16) >> CAP_SYS_PTRACE & 1) != 0,
        .is_root = geteuid() == 0,
        .ptrace_scope = setting("/proc/sys/kernel/yama/ptrace_scope"),
        .max_namespaces = setting("/proc/sys/user/max_user_namespaces"),
        .userns_clone = setting("/proc/sys/kernel/unprivileged_userns_clone"),
        .apparmor_restricts = setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    };
}

#define UNKNOWN_HAND                                                                               \
    "a security module withholds it: the kernel's log names it (dmesg, journalctl -k)"

/* Docker's default profile gives the calls that look into other processes to containers with this
 * capability only (moby, profiles/seccomp/default.json); Yama: Documentation/admin-guide/LSM. */
static const char *remedy_trace(const struct doctor_host *host)
{
    if (host->ptrace_scope == 3) {
        return "kernel.yama.ptrace_scope is 3, which lasts until the next boot: set it to 1 in "
               "/etc/sysctl.d, and boot";
    }
    if (host->ptrace_scope == 2 && !host->may_trace) {
        return "kernel.yama.ptrace_scope is 2: sysctl kernel.yama.ptrace_scope=1";
    }
    if (host->filtered || host->container) {
        return "the container withholds it: docker run --cap-add SYS_PTRACE";
    }
    return UNKNOWN_HAND;
}

static const char *remedy_filter(const struct doctor_host *host, int error)
{
    if (error == EBUSY) {
        return "another supervisor is notified already: run limphome outside of it";
    }
    if (host->filtered || host->container) {
        return "the container withholds it: docker run --security-opt seccomp=unconfined";
    }
    return UNKNOWN_HAND;
}

/* Without CAP_SYS_ADMIN a PID namespace takes a user namespace, which four may refuse. */
static const char *remedy_pids(const struct doctor_host *host)
{
    if (host->max_namespaces == 0) {
        return "sysctl user.max_user_namespaces=15000";
    }
    if (host->userns_clone == 0 && !host->is_root) {
        return "sysctl kernel.unprivileged_userns_clone=1";
    }
    if (host->apparmor_restricts > 0 && !host->is_root) {
        return "sysctl kernel.apparmor_restrict_unprivileged_userns=0";
    }
    if (host->filtered || host->container) {
        return "the container withholds it: docker run --cap-add SYS_ADMIN, or --security-opt "
               "seccomp=unconfined";
    }
    return UNKNOWN_HAND;
}

const char *doctor_remedy(const struct doctor_host *host, enum doctor_right right, int error)
{
    switch (right) {
    case DOCTOR_RIGHT_CAN:
        return "the container withholds AF_CAN: run it with a seccomp profile that allows the "
               "family";
    case DOCTOR_RIGHT_FILTER: return remedy_filter(host, error);
    case DOCTOR_RIGHT_TRACE: return remedy_trace(host);
    case DOCTOR_RIGHT_PIDS: return remedy_pids(host);
    }
    return UNKNOWN_HAND;
}
