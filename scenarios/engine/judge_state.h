/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_state.h - the invariants that the true state of the ECUs decides: INV-1 to
 * INV-3, and of INV-9 what was done; and INV-8, which the lives of the master decide. Pure. */
#ifndef ENGINE_JUDGE_STATE_H
#define ENGINE_JUDGE_STATE_H

#include "reports/result.h"
#include "scenarios/engine/campaign.h"
#include "scenarios/engine/ecu_book.h"
#include "scenarios/engine/master_seat.h"

/* An ECU at the end of a play. */
struct judge_ecu {
    const char *name;
    bool target; /* A campaign names it. */
    struct s12x_ecu_status status;
    const char *version; /* That the last campaign wants of it; empty: none. */
    bool holds_wanted;   /* Flash holds the image of the last campaign, byte for byte; */
    bool holds_earlier;  /* or what it had, or was to get, before. */
};

/* The last word of the master. */
struct judge_term {
    enum master_code code; /* MASTER_NO_REPORT: there is none. */
    bool rollback;         /* What the campaign ordered. */
    sim_ns_t at_ns;
    uint32_t line; /* Of bus.log, the last one before it. */
};

/* The application runs, and its flag of validity is set. */
bool judge_ecu_runs(const struct judge_ecu *ecu);

/* INV-1. */
void judge_report(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                  struct play_result *result);
/* INV-2, but for the retry. */
void judge_software(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                    struct play_result *result);
/* INV-2: what the retry has come to. */
void judge_software_again(const struct judge_ecu *ecus, size_t ecus_len,
                          const struct judge_term *term, struct play_result *result);
/* INV-3, T_REST after the end. */
void judge_network(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                   struct play_result *result);
/* INV-8. */
void judge_lives(const struct master_life *lives, size_t lives_len, struct play_result *result);

/* INV-9: no sector outside the windows was erased, no phrase programmed, and the module has not
 * seen a try. */
void judge_book(const char *name, const struct ecu_book *book,
                const struct campaign_window *windows, size_t windows_len,
                struct play_result *result);

#endif
