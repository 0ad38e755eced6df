/* SPDX-License-Identifier: Apache-2.0 */
/* guest/futex.h - the table of threads that wait for a futex word (futex(2)). */
#ifndef GUEST_FUTEX_H
#define GUEST_FUTEX_H

#include "guest/supervisor_internal.h"

/* A private word is known by its address, a shared one by the file that it lies in. */
struct guest_futex_key futex_key(const struct guest_thread *t, uint64_t address, bool private);
/* Puts the thread at the end of those that wait for the word. */
void futex_join(struct supervisor *s, struct guest_thread *t, const struct guest_futex_key *key);
/* The first that waits for the word; null: nobody. */
struct guest_thread *futex_first(struct supervisor *s, const struct guest_futex_key *key);
/* Wakes it: its wait has come true. */
void futex_wake(struct supervisor *s, struct guest_thread *t);
/* Locks with priority inheritance (calls_futex_pi.c): the word holds the owner. */
enum guest_verdict futex_inheriting(struct supervisor *s, struct guest_thread *t);
/* Takes the thread out of the table; no effect if it is not in it. */
void futex_leave(struct supervisor *s, struct guest_thread *t);
/* A thread or process has ended: the kernel has cleared words (clear_child_tid, robust list) and
 * woken nobody, because nobody waits in the kernel. Wakes those whose word is no longer what they
 * wait on. */
void futex_look_again(struct supervisor *s);

#endif
