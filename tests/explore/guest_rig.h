/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/guest_rig.h - what tests of masters as guests begin with: an adapter that is
 * loaded, a folder that must be empty again at the end, and a guest of both. */
#ifndef TESTS_EXPLORE_GUEST_RIG_H
#define TESTS_EXPLORE_GUEST_RIG_H

#include "scenarios/explore/explore_guest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAMS LIMPHOME_BINARY_DIR "/bin"

static struct adapter adapter;
static char folder[] = "/tmp/limphome-test-XXXXXX";
static struct explore_guest_cfg guest;

static inline void load(const char *path)
{
    struct err err = {.code = 0};
    cr_assert_eq(adapter_load(&adapter, path, &err), 0, "%s", err.text);
    cr_assert_not_null(mkdtemp(folder));
    guest = (struct explore_guest_cfg){.adapter = &adapter,
                                       .folder = folder,
                                       .preload_path = PROGRAMS "/liblimphome-clock.so",
                                       .programs = PROGRAMS};
}

static inline void unload(void)
{
    cr_expect_eq(rmdir(folder), 0, "something is left of the masters");
}

/* A shell that waits for it is one process too many to be doubled. */
static inline void wrap_in_shell(void)
{
    static const char *const shell[] = {"/bin/sh", "-c", "\"$@\"; exit $?", "sh"};
    for (size_t i = adapter.command_len; i-- > 0;) {
        memcpy(adapter.command[i + ARRAY_SIZE(shell)], adapter.command[i],
               sizeof adapter.command[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(shell); i++) {
        (void)snprintf(adapter.command[i], sizeof adapter.command[i], "%s", shell[i]);
    }
    adapter.command_len += ARRAY_SIZE(shell);
}

#endif
