/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/play_pool.h - plays side by side, each in a process of its own, so that one that
 * crashes, hangs or floods is an error of that play and of nothing else. */
#ifndef ENGINE_PLAY_POOL_H
#define ENGINE_PLAY_POOL_H

#include "reports/result.h"

#include <signal.h>

/* Plays number index, in the child; *result is zeroed. */
typedef void play_pool_play(void *ctx, size_t index, struct play_result *result);
/* Number index is done, in the parent, in the order in which they end. The result is the callee's.
 */
typedef void play_pool_done(void *ctx, size_t index, struct play_result *result);

struct play_pool_cfg {
    size_t workers;   /* At once. 0: one for each core. */
    uint32_t limit_s; /* Real time for one play. 0: 300. */
    play_pool_play *play;
    play_pool_done *done;
    void *ctx;
    /* Not 0: no further play begins, and those that go on are ended as interrupted. A signal may
     * write it. May be null. */
    const volatile sig_atomic_t *give_up;
};

/* Cores that this process may use. */
size_t play_pool_cores(void);
/* Plays 0 to plays_len - 1. The caller has no threads and has flushed its streams. */
void play_pool_run(const struct play_pool_cfg *cfg, size_t plays_len);

#endif
