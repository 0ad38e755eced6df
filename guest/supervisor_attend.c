/* SPDX-License-Identifier: Apache-2.0 */
/* guest/supervisor_attend.c - a debugger at the guests while virtual time stands still.
 *
 * It stops threads by a signal, which a thread in a notified call does not take: the supervisor
 * answers such a call with the kernel's own "begin anew" (ERESTARTNOHAND). The thread stops on its
 * way to its program and, once it is let go, makes the same call again. */
#include "guest/supervisor_loop.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 2000 };

pid_t supervisor_pid(const struct supervisor *s)
{
    const struct guest_process *p = s->processes;
    while (p && (p->dead || p->ended)) {
        p = p->next;
    }
    return p ? p->pid : 0;
}

enum supervisor_end supervisor_attend(struct supervisor *s, pid_t debugger, int *status,
                                      struct err *err)
{
    enum supervisor_end end = SUPERVISOR_TIME_UP;
    bool lives = true;
    s->attends = true;
    while (lives) {
        const pid_t ended = waitpid(debugger, status, WNOHANG);
        lives = ended == 0 || (ended < 0 && errno == EINTR);
        if (end == SUPERVISOR_TIME_UP) {
            s->look_at_signals = true;
            end = supervisor_run(s, s->sim->now_ns, err);
        }
        if (lives) {
            usleep(LOOK_US);
        }
    }
    s->attends = false;
    return end;
}
