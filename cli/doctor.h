/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor.h - what limphome doctor looks at, how it finds out, and what it advises. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>

enum doctor_item {
    /* Real CAN. */
    DOCTOR_RAW,
    DOCTOR_INTERFACE,
    DOCTOR_ISOTP,
    DOCTOR_BCM,
    /* Guests. */
    DOCTOR_NO_NEW_PRIVS,
    DOCTOR_LISTENER,
    DOCTOR_KILLABLE,
    DOCTOR_ADD_FD,
    DOCTOR_PIDFD,
    DOCTOR_GETFD,
    DOCTOR_VM_READ,
    DOCTOR_KCMP,
    DOCTOR_MEMFD,
    DOCTOR_SYNC,
    DOCTOR_PIDS,
    DOCTOR_LAYOUT,
    DOCTOR_ITEMS
};

/* Results: 0, an errno value, or this: something before it failed. */
enum { DOCTOR_NOT_TRIED = -1 };

/* Fill the results of their items by trying; nothing is changed. */
void doctor_try_can(int found[static DOCTOR_ITEMS]);
void doctor_try_guest(int found[static DOCTOR_ITEMS]);

/* Linux versions as one number. */
#define DOCTOR_LINUX(major, minor) ((major)*1000u + (minor))

enum { DOCTOR_NO_SETTING = -1 }; /* The kernel does not have it. */

/* What the remedies depend on. */
struct doctor_host {
    unsigned kernel;  /* DOCTOR_LINUX(). */
    bool container;   /* Docker, podman or systemd-nspawn left their mark. */
    bool filtered;    /* A seccomp filter is on us. */
    bool may_trace;   /* CAP_SYS_PTRACE. */
    bool is_root;     /* User 0, though perhaps without capabilities. */
    int ptrace_scope; /* kernel.yama.ptrace_scope. */
    /* Of user namespaces: user.max_user_namespaces, kernel.unprivileged_userns_clone (Debian),
     * kernel.apparmor_restrict_unprivileged_userns (Ubuntu). */
    int max_namespaces, userns_clone, apparmor_restricts;
};
void doctor_look_at_host(struct doctor_host *host);

/* Whose refusal it is when the kernel has a thing and does not give it to us. */
enum doctor_right { DOCTOR_RIGHT_CAN, DOCTOR_RIGHT_FILTER, DOCTOR_RIGHT_TRACE, DOCTOR_RIGHT_PIDS };
/* Who withholds it, and the command that helps. */
const char *doctor_remedy(const struct doctor_host *host, enum doctor_right right, int error);

#endif
