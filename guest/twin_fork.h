/* SPDX-License-Identifier: Apache-2.0 */
/* guest/twin_fork.h - makes a guest that stands in a notified call fork, without its doing: by
 * ptrace(2) the thread makes one call of ours, and then the same call as before; so does its child.
 * The program sees nothing of it. */
#ifndef GUEST_TWIN_FORK_H
#define GUEST_TWIN_FORK_H

#include "guest/notify.h"

/* Both stand in the call again that the thread stood in. */
struct twin_fork {
    pid_t child;
    uint64_t call_id;       /* Of the thread, from now on. */
    uint64_t child_call_id; /* Of its child. */
};

/* The only thread of its process. 0 or a negative errno: -EPERM, and nothing has happened, if this
 * process may not trace the other; else the thread may be lost. */
int twin_fork(int listener, pid_t tid, uint64_t call_id, struct twin_fork *twin);

#endif
