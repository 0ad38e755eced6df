/* SPDX-License-Identifier: Apache-2.0 */
/* test_doctor.c - what the doctor advises, for hosts that this one is not. */
#include "cli/doctor.h"
#include "sim/base.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { CONTAINER = 1, FILTERED = 2, ROOT = 4, MAY_TRACE = 8, NONE = DOCTOR_NO_SETTING };

static const struct {
    unsigned is;
    int ptrace_scope, max_namespaces, userns_clone, apparmor_restricts;
    enum doctor_right right;
    int error;
    const char *advice; /* Part of it. */
} rows[] = {
    {0, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "a security module"},
    {CONTAINER, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "--cap-add SYS_PTRACE"},
    {FILTERED, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "--cap-add SYS_PTRACE"},
    {0, 1, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "a security module"},
    {CONTAINER, 1, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "--cap-add SYS_PTRACE"},
    {0, 2, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "sysctl kernel.yama.ptrace_scope=1"},
    {MAY_TRACE, 2, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "a security module"},
    {MAY_TRACE, 3, NONE, NONE, NONE, DOCTOR_RIGHT_TRACE, EPERM, "next boot"},
    {0, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_FILTER, EBUSY, "another supervisor"},
    {CONTAINER, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_FILTER, EBUSY, "another supervisor"},
    {CONTAINER, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_FILTER, EPERM, "seccomp=unconfined"},
    {0, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_FILTER, EPERM, "a security module"},
    {0, NONE, 0, NONE, NONE, DOCTOR_RIGHT_PIDS, ENOSPC, "user.max_user_namespaces=15000"},
    {0, NONE, 100, 0, NONE, DOCTOR_RIGHT_PIDS, EPERM, "kernel.unprivileged_userns_clone=1"},
    {ROOT | CONTAINER, NONE, 100, 0, 1, DOCTOR_RIGHT_PIDS, EPERM, "--cap-add SYS_ADMIN"},
    {0, NONE, 100, 1, 1, DOCTOR_RIGHT_PIDS, EPERM, "apparmor_restrict_unprivileged_userns=0"},
    {FILTERED, NONE, 100, 1, 0, DOCTOR_RIGHT_PIDS, EPERM, "--cap-add SYS_ADMIN"},
    {0, NONE, 100, NONE, NONE, DOCTOR_RIGHT_PIDS, EPERM, "a security module"},
    {CONTAINER, NONE, NONE, NONE, NONE, DOCTOR_RIGHT_CAN, EPERM, "withholds AF_CAN"},
};

Test(doctor, each_refusal_is_laid_at_the_right_door)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct doctor_host host = {.kernel = DOCTOR_LINUX(6, 8),
                                         .container = (rows[i].is & CONTAINER) != 0,
                                         .filtered = (rows[i].is & FILTERED) != 0,
                                         .is_root = (rows[i].is & ROOT) != 0,
                                         .may_trace = (rows[i].is & MAY_TRACE) != 0,
                                         .ptrace_scope = rows[i].ptrace_scope,
                                         .max_namespaces = rows[i].max_namespaces,
                                         .userns_clone = rows[i].userns_clone,
                                         .apparmor_restricts = rows[i].apparmor_restricts};
        const char *advice = doctor_remedy(&host, rows[i].right, rows[i].error);
        cr_expect(strstr(advice, rows[i].advice) != NULL, "row %zu: <%s> does not say <%s>", i,
                  advice, rows[i].advice);
    }
}

Test(doctor, the_host_is_a_linux_that_is_not_from_the_future)
{
    struct doctor_host host;
    doctor_look_at_host(&host);
    cr_assert_geq(host.kernel, DOCTOR_LINUX(3, 0));
    cr_assert_lt(host.kernel, DOCTOR_LINUX(100, 0));
}
