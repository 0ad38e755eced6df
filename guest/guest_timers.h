/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_timers.h - timers that a process sets and does not wait in: alarm, setitimer, POSIX
 * timers, timerfd. */
#ifndef GUEST_TIMERS_H
#define GUEST_TIMERS_H

#include "guest/supervisor_internal.h"

/* Process ends, or (POSIX timers) executes another program. */
void guest_timers_free(struct supervisor *s, struct guest_process *process);
void guest_timers_exec(struct supervisor *s, struct guest_process *process);
/* True while some timer of any process is armed. */
bool guest_timers_armed(const struct supervisor *s);

#endif
