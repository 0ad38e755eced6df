/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_clock.h - what guests see of time.
 *
 * Two ways lead to the same numbers. A program that reads its clock through libc reads a page that
 * the preload library maps (guest/preload). All others - static programs, libc's own reads,
 * runtimes with system calls of their own - go through the vDSO, which is patched in each new image
 * so that every read becomes a system call, which is notified. */
#ifndef GUEST_CLOCK_H
#define GUEST_CLOCK_H

#include "guest/supervisor_internal.h"

/* CLOCK_MONOTONIC and its relatives at virtual time 0: the host has been up for a while. */
#define GUEST_UPTIME_NS SIM_S(1000)

int guest_clock_open(struct supervisor *s, struct err *err);
void guest_clock_close(struct supervisor *s);

/* Before a thread runs: the page shows the present instant. */
void guest_clock_publish(struct supervisor *s);
/* A guest waits: what it has looked at so far was honest. */
void guest_clock_rest(struct supervisor *s);
/* After all threads stand still: what reading clocks has cost is added to the clock. */
void guest_clock_fold(struct supervisor *s);
/* Catches clock reads in the image that the process executes now. False: it was caught before, so
 * this is no new image. */
bool guest_clock_patch(const struct guest_process *process);
/* A number of nanoseconds in the form of system calls. */
struct timespec guest_timespec(uint64_t ns);
/* prctl(GUEST_PRCTL_PAGE): gives the guest the page. */
enum guest_verdict guest_clock_give_page(struct supervisor *s, struct guest_thread *t);

#endif
