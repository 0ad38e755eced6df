/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_fast.h - CAN frames of guests that go through shared memory instead of system calls
 * (guest/preload/fast_page.h). Only a shortcut: the notified calls are the reference, and a run has
 * the same trace with and without it.
 *
 * A process gets its page when it opens a CAN socket. The page is on while one of its threads has
 * the turn; a process that shares its page with a child, one that a birth is due in, and one with
 * threads out of sight make calls. */
#ifndef GUEST_FAST_H
#define GUEST_FAST_H

#include "guest/supervisor_internal.h"

struct can_channel;
struct guest_fast;

/* prctl(GUEST_PRCTL_PAGE, GUEST_PAGE_FAST): gives the process a page of its own. */
enum guest_verdict guest_fast_give(struct supervisor *s, struct guest_thread *t);
/* The child begins with the parent's memory, and so with its page. */
void guest_fast_inherit(struct guest_process *child, const struct guest_process *parent);
/* The process has ended, or executes another image. */
void guest_fast_drop(struct supervisor *s, struct guest_process *process);
/* FAST_PAGE_SIZE bytes that are shared with the process. Null: none. */
void *guest_fast_page(const struct guest_process *process);
/* A thread of it is out of sight: calls only from now on. */
void guest_fast_stop(struct guest_process *process);

/* Before the thread runs. */
void guest_fast_publish(struct supervisor *s, const struct guest_thread *t);
/* After all threads stand still, and after guest_clock_fold(): what was written goes out, what was
 * read is gone. */
void guest_fast_take(struct supervisor *s);

/* A call of the process was made on the channel: the next ones may go the short way. */
void guest_fast_note(struct guest_process *process, int fd, const struct can_channel *channel);

#endif
