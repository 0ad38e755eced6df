/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_rewind.h - plays a future in this process, and puts its memory back
 * afterwards: what a child of fork() would do, without a child.
 *
 * From explore_rewind_begin() on all private memory is read-only until it is written to. The first
 * write to a page is a fault, after which the page counts as one that changes: it is copied before
 * each play, and put back after it. Some hundred pages change, and faults soon end. Memory that
 * is shared is left as the play leaves it; what the kernel keeps for the process is not put back,
 * so a play opens, maps and waits for nothing. One thread. */
#ifndef EXPLORE_REWIND_H
#define EXPLORE_REWIND_H

#include <stdbool.h>

/* Before memory is taken that plays may give back: large pieces, too, then come from the heap. */
void explore_rewind_prepare(void);
/* In a process that does nothing but play, for the rest of its life. Where memory cannot be put
 * back nothing happens: with AddressSanitizer, which keeps books of its own. */
void explore_rewind_begin(void);
/* Whether plays are possible in this process. */
bool explore_rewind_ready(void);
/* fn runs, and nothing has happened but to shared memory. False: it has crashed, or taken more than
 * limit_s of processor time. Not from within a play. */
bool explore_rewind_play(void (*fn)(void *ctx), void *ctx, unsigned limit_s);

#endif
