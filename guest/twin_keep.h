/* SPDX-License-Identifier: Apache-2.0 */
/* guest/twin_keep.h - what a program and its double share: pages of the supervisor, and where they
 * are in their open files. Kept before the double runs, and put back afterwards. */
#ifndef GUEST_TWIN_KEEP_H
#define GUEST_TWIN_KEEP_H

#include "guest/supervisor_internal.h"

struct twin_keep;

/* Null with *err filled: ERR_UNSUPPORTED if the thread's process has something open that cannot be
 * shared. */
struct twin_keep *twin_keep_new(struct supervisor *s, struct guest_thread *t, struct err *err);
/* 0 or a negative code: a file that was open is gone. */
int twin_keep_put_back(const struct twin_keep *keep, struct supervisor *s, struct guest_thread *t,
                       struct err *err);
void twin_keep_free(struct twin_keep *keep);

#endif
