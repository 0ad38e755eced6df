/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_twin.h - a run branches: the program is doubled where it stands, and a fork of
 * this process goes on with the double, while the original waits.
 *
 *     supervisor_twin_make(s, &twin, &err)      the double stands in the same call
 *     fork()
 *         child:  supervisor_twin_enter(s, &twin)   and on it goes, with supervisor_run() ...
 *         parent: waits for the child
 *                 puts files back that the double has changed
 *                 supervisor_twin_end(s, &twin)
 *
 * The fork may branch in turn: a double is a program like any other.
 *
 * One thread in one process is what can be doubled, with plain files, folders and raw CAN sockets
 * open. Files are shared: what the double writes has to be put back by the caller, who knows where
 * it may write; offsets of open files are put back here. */
#ifndef GUEST_SUPERVISOR_TWIN_H
#define GUEST_SUPERVISOR_TWIN_H

#include "guest/supervisor.h"

struct supervisor_twin {
    pid_t pid;
    int pidfd; /* -1: there is none. */
    uint64_t call_id;
    struct twin_keep *keep; /* What both share, as it was. Owned. */
};

/* While the run stands still: supervisor_run() has come to its time. ERR_UNSUPPORTED with the
 * reason: this program cannot be doubled, here and now, and all is as before. Other codes: the run
 * is lost. */
int supervisor_twin_make(struct supervisor *self, struct supervisor_twin *twin, struct err *err);
/* In the fork. */
void supervisor_twin_enter(struct supervisor *self, const struct supervisor_twin *twin);
/* Ends the double, if it still lives, and the program is as it was. */
int supervisor_twin_end(struct supervisor *self, struct supervisor_twin *twin, struct err *err);

#endif
