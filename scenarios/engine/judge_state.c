/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_state.c - what the ECUs hold at the end, beside what the master says. */
#include "scenarios/engine/judge_state.h"

#include "scenarios/engine/judge_finding.h"

#include <string.h>

bool judge_ecu_runs(const struct judge_ecu *ecu)
{
    return ecu->status.run == ECU_APPLICATION && ecu->status.application_valid;
}

static bool runs_wanted(const struct judge_ecu *ecu)
{
    return judge_ecu_runs(ecu) && ecu->holds_wanted &&
           (ecu->version[0] == '\0' || strcmp(ecu->version, ecu->status.version) == 0);
}

static bool runs_earlier(const struct judge_ecu *ecu)
{
    return judge_ecu_runs(ecu) && ecu->holds_earlier;
}

/* INV-2: it runs what it may run. */
static bool is_well(const struct judge_ecu *ecu)
{
    return runs_wanted(ecu) || runs_earlier(ecu);
}

/* INV-1: what a code says about each target. */
static bool is_true_of(const struct judge_ecu *ecu, const struct judge_term *term)
{
    switch (term->code) {
    case MASTER_SUCCESS: return term->rollback ? runs_earlier(ecu) : runs_wanted(ecu);
    case MASTER_UP_TO_DATE:
        return judge_ecu_runs(ecu) && (ecu->version[0] == '\0' || term->rollback ||
                                       strcmp(ecu->version, ecu->status.version) == 0);
    case MASTER_REFUSED:
    case MASTER_CANCELLED: return runs_earlier(ecu) || !runs_wanted(ecu);
    case MASTER_FAILED_OLD:
    case MASTER_ROLLED_BACK: return runs_earlier(ecu);
    /* These say nothing about a single ECU that the judge could hold against the master. */
    case MASTER_NO_REPORT:
    case MASTER_INTERRUPTED:
    case MASTER_PARTIAL:
    case MASTER_FAILED_SAFE:
    case MASTER_CODE_COUNT: return true;
    }
    return true;
}

/* What the codes promise of which is_true_of() asks. */
static const char *meaning_of(enum master_code code)
{
    switch (code) {
    case MASTER_SUCCESS:
        return "SUCCESS if and only if every target runs the target version, its image byte "
               "for byte, marked valid";
    case MASTER_UP_TO_DATE: return "UP_TO_DATE only if the target version runs";
    case MASTER_REFUSED: return "not REFUSED if the target was updated";
    case MASTER_CANCELLED: return "not CANCELLED if the target was updated";
    case MASTER_FAILED_OLD: return "FAILED_OLD only if the previous software runs";
    case MASTER_ROLLED_BACK: return "ROLLED_BACK only if the previous software runs";
    case MASTER_NO_REPORT:
    case MASTER_INTERRUPTED:
    case MASTER_PARTIAL:
    case MASTER_FAILED_SAFE:
    case MASTER_CODE_COUNT: break;
    }
    return "";
}

/* "runs version 1.0.0, flash holds another image". */
static void find_state(unsigned invariant, const struct judge_ecu *ecu,
                       const struct judge_term *term, const char *expected,
                       struct play_result *result)
{
    const struct s12x_ecu_status *status = &ecu->status;
    judge_find(result, invariant, term->at_ns, term->line, expected,
               "%s; %s: %s runs, version \"%s\", %smarked valid, flash holds %s image",
               master_code_name(term->code), ecu->name, ecu_run_name(status->run), status->version,
               status->application_valid ? "" : "not ",
               ecu->holds_wanted    ? "the wanted"
               : ecu->holds_earlier ? "an earlier"
                                    : "no known");
}

void judge_report(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                  struct play_result *result)
{
    for (size_t i = 0; i < ecus_len; i++) {
        if (ecus[i].target && !is_true_of(&ecus[i], term)) {
            find_state(1, &ecus[i], term, meaning_of(term->code), result);
        }
    }
}

/* INV-2. */

/* One that is off, or in its bootloader, is asked again by a retry. */
void judge_software(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                    struct play_result *result)
{
    for (size_t i = 0; i < ecus_len; i++) {
        if (ecus[i].target && judge_ecu_runs(&ecus[i]) && !is_well(&ecus[i])) {
            find_state(2, &ecus[i], term,
                       "each ECU runs the target or the previous software, or a clean retry "
                       "succeeds",
                       result);
        }
    }
}

void judge_software_again(const struct judge_ecu *ecus, size_t ecus_len,
                          const struct judge_term *term, struct play_result *result)
{
    for (size_t i = 0; i < ecus_len; i++) {
        if (ecus[i].target && !is_well(&ecus[i])) {
            find_state(2, &ecus[i], term,
                       "a clean retry brings an ECU in boot mode to the target or the previous "
                       "software",
                       result);
        }
    }
}

/* INV-3. */

void judge_network(const struct judge_ecu *ecus, size_t ecus_len, const struct judge_term *term,
                   struct play_result *result)
{
    for (size_t i = 0; i < ecus_len; i++) {
        const struct s12x_ecu_status *status = &ecus[i].status;
        const bool awake = status->run == ECU_APPLICATION || status->run == ECU_BOOTLOADER;
        if (awake && !(status->communication_on && status->dtc_setting_on &&
                       status->session == UDS_SESSION_DEFAULT)) {
            judge_find(result, 3, term->at_ns, term->line,
                       "communication and DTC setting on, default session, T_REST after the end",
                       "%s after %s: communication %s, DTC setting %s, session %02X", ecus[i].name,
                       master_code_name(term->code), status->communication_on ? "on" : "off",
                       status->dtc_setting_on ? "on" : "off", (unsigned)status->session);
        }
    }
}

/* INV-8. */

static const char *const one_end = "each campaign ends with exactly one terminal report";

static void judge_exit(const struct master_life *life, size_t number, struct play_result *result)
{
    const struct master_result *said = &life->result;
    if (said->code == MASTER_NO_REPORT) {
        judge_find(result, 8, life->end_ns, 0, one_end,
                   "life %zu of the master ended with exit code %d and no report%s%s", number,
                   life->exit_code, said->trouble[0] != '\0' ? ": " : "", said->trouble);
    } else if (said->reports > 1) {
        judge_find(result, 8, life->end_ns, 0, one_end, "life %zu of the master reported %u ends",
                   number, said->reports);
    }
}

void judge_lives(const struct master_life *lives, size_t lives_len, struct play_result *result)
{
    for (size_t i = 0; i < lives_len; i++) {
        const struct master_life *life = &lives[i];
        switch (life->end) {
        case MASTER_CUT: break; /* No end, and no fault of the master. */
        case MASTER_EXITED: judge_exit(life, i + 1, result); break;
        case MASTER_RUNS:
            judge_find(result, 8, SIM_NEVER, 0, one_end,
                       "life %zu of the master was still in progress when the play was over",
                       i + 1);
            break;
        case MASTER_STUCK:
            judge_find(result, 8, life->end_ns, 0, one_end,
                       "life %zu of the master: all of it waits for what can never come", i + 1);
            break;
        case MASTER_TIME_UP:
            judge_find(result, 8, life->end_ns, 0, one_end,
                       "life %zu of the master was in progress when its time was up", i + 1);
            break;
        }
    }
}

/* INV-9. */

static bool inside(const struct campaign_window *windows, size_t windows_len, uint32_t start,
                   uint32_t end)
{
    for (size_t i = 0; i < windows_len; i++) {
        if (start >= windows[i].start && end <= windows[i].end) {
            return true;
        }
    }
    return false;
}

static const char *const protect = "no erase or write of what is protected or not to be updated";

static void judge_sectors(const char *name, const struct ecu_book *book,
                          const struct campaign_window *windows, size_t windows_len,
                          struct play_result *result)
{
    for (size_t i = 0; i < ARRAY_SIZE(book->erased); i++) {
        const uint32_t at = ECU_BOOK_BASE + (uint32_t)i * ECU_BOOK_SECTOR_BYTES;
        if (book->erased[i] != 0 && !inside(windows, windows_len, at, at + ECU_BOOK_SECTOR_BYTES)) {
            judge_find(result, 9, book->last_erase_ns, 0, protect,
                       "%s: sector 0x%06X was erased %u times", name, (unsigned)at,
                       (unsigned)book->erased[i]);
            return;
        }
    }
}

static void judge_phrases(const char *name, const struct ecu_book *book,
                          const struct campaign_window *windows, size_t windows_len,
                          struct play_result *result)
{
    for (size_t i = 0; i < ARRAY_SIZE(book->written); i++) {
        const uint32_t at = ECU_BOOK_BASE + (uint32_t)i * ECU_BOOK_PHRASE_BYTES;
        if (book->written[i] != 0 &&
            !inside(windows, windows_len, at, at + ECU_BOOK_PHRASE_BYTES)) {
            judge_find(result, 9, SIM_NEVER, 0, protect, "%s: phrase 0x%06X was programmed", name,
                       (unsigned)at);
            return;
        }
    }
}

void judge_book(const char *name, const struct ecu_book *book,
                const struct campaign_window *windows, size_t windows_len,
                struct play_result *result)
{
    judge_sectors(name, book, windows, windows_len, result);
    judge_phrases(name, book, windows, windows_len, result);
    if (book->findings[S12X_FIND_FPVIOL] != 0) {
        judge_find(result, 9, SIM_NEVER, 0, protect,
                   "%s: %llu commands on a protected area of the flash", name,
                   (unsigned long long)book->findings[S12X_FIND_FPVIOL]);
    }
}
