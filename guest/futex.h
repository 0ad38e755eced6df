/* SPDX-License-Identifier: Apache-2.0 */
/* guest/futex.h - the table of threads that wait for a futex word (futex(2)). */
#ifndef GUEST_FUTEX_H
#define GUEST_FUTEX_H

#include "guest/supervisor_internal.h"

/* Takes the thread out of the table; no effect if it is not in it. */
void futex_leave(struct supervisor *s, struct guest_thread *t);
/* A thread or process has ended: the kernel has cleared words (clear_child_tid, robust list) and
 * woken nobody, because nobody waits in the kernel. Wakes those whose word is no longer what they
 * wait on. */
void futex_look_again(struct supervisor *s);

#endif
