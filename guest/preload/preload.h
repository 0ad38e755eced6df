/* SPDX-License-Identifier: Apache-2.0 */
/* guest/preload/preload.h - inside the preload library. */
#ifndef GUEST_PRELOAD_H
#define GUEST_PRELOAD_H

#include <stdint.h>

/* As in guest/notify.h, which foreign programs cannot know. */
#define GUEST_PRCTL_PAGE 0x4C696D70

#define EXPORT __attribute__((visibility("default")))

/* A page of the supervisor, mapped; null: there is none. errno is kept. */
void *preload_map(unsigned long which, unsigned long size);

/* Counts something without effect that was answered without a call (a clock read, a refusal),
 * exactly as the supervisor counts one that is a call (guest_spins() in guest/guest_clock.c). 0:
 * the others must have their turn first, the long way. */
int preload_count(void);

/* Frames were written and the supervisor does not know it yet: time must not go on. */
int preload_has_written(void);

/* Virtual time; UINT64_MAX: not known. */
uint64_t preload_now_ns(void);

/* The short way is open for this socket. */
int preload_is_on_for(int fd);

#endif
