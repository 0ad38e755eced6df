/* SPDX-License-Identifier: Apache-2.0 */
/* tests/explore/test_explore_storage_mutant.c - a sweep finds masters that are careless with their
 * state folder. The linker puts the functions below between the master and its journal. */
#include "master/ota_journal.h"
#include "master/ota_store.h"
#include "scenarios/explore/explore_storage.h"

#include <criterion/criterion.h>

static bool first_only;   /* Only the first record is written: progress is kept in memory. */
static bool unsynced;     /* Records are not synced. */
static bool needs_little; /* The room is not looked at before the installation begins. */
static bool forgives;     /* What cannot be read counts as damaged. */

int __real_ota_journal_write(struct ota_journal *journal, const struct ota_record *record);
int __wrap_ota_journal_write(struct ota_journal *journal, const struct ota_record *record);

static int no_sync(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return 0;
}

int __wrap_ota_journal_write(struct ota_journal *journal, const struct ota_record *record)
{
    const struct ota_port *port = journal->port;
    struct ota_port careless = *port;
    if (first_only && journal->seq > 0) {
        return 0;
    }
    if (unsynced) {
        careless.file_sync = no_sync;
        journal->port = &careless;
    }
    const int code = __real_ota_journal_write(journal, record);
    journal->port = port;
    return code;
}

uint64_t __real_master_files_free_bytes(const struct master_files *files);
uint64_t __wrap_master_files_free_bytes(const struct master_files *files);

uint64_t __wrap_master_files_free_bytes(const struct master_files *files)
{
    return needs_little ? UINT64_MAX / 2 : __real_master_files_free_bytes(files);
}

int __real_ota_store_read(const struct ota_port *port, const char *name, size_t max_bytes,
                          uint8_t **bytes, size_t *len_bytes, struct ota_error *error);
int __wrap_ota_store_read(const struct ota_port *port, const char *name, size_t max_bytes,
                          uint8_t **bytes, size_t *len_bytes, struct ota_error *error);

int __wrap_ota_store_read(const struct ota_port *port, const char *name, size_t max_bytes,
                          uint8_t **bytes, size_t *len_bytes, struct ota_error *error)
{
    const int code = __real_ota_store_read(port, name, max_bytes, bytes, len_bytes, error);
    return forgives && code == OTA_ERR_IO ? OTA_ERR_RANGE : code;
}

static void set_up(void)
{
    first_only = false;
    unsynced = false;
    needs_little = false;
    forgives = false;
}

TestSuite(explore_storage_mutant, .init = set_up);

static struct explore_storage_cfg small_sweep(void)
{
    return (struct explore_storage_cfg){
        .world = {.image_bytes = 1024, .vehicle = VEHICLE_AS_IN_FILE, .seed = 1},
        .sweep = {.identity = "test", .version = "1", .master = "reference"},
    };
}

/* At least one point comes to the verdict, and it does so again when it is played alone. */
static void check_found(const struct explore_storage_cfg *cfg, enum explore_verdict verdict)
{
    struct result_sweep result;
    struct err err = {.code = 0};
    size_t seen = 0;
    cr_assert_eq(explore_storage_run(cfg, &result, &err), 0, "%s", err.text);
    for (size_t i = 0; i < result.failures_len && seen < 3; i++) {
        struct explore_steps steps;
        struct explore_storage_outcome again;
        if (result.failures[i].verdict != verdict) {
            continue;
        }
        seen++;
        cr_assert(explore_steps_parse(&steps, result.failures[i].id));
        cr_assert_eq(explore_storage_point(cfg, &steps, &again, &err), 0, "%s", err.text);
        cr_assert_eq(again.verdict, verdict, "%s", result.failures[i].id);
    }
    cr_assert_gt(seen, 0, "%s: not found", explore_verdict_text(verdict));
    result_sweep_release(&result);
}

Test(explore_storage_mutant, without_a_defect_nothing_is_found)
{
    const struct explore_storage_cfg cfg = small_sweep();
    struct result_sweep result;
    struct err err = {.code = 0};
    cr_assert_eq(explore_storage_run(&cfg, &result, &err), 0, "%s", err.text);
    cr_assert(result_sweep_good(&result));
    result_sweep_release(&result);
}

Test(explore_storage_mutant, progress_in_memory_only_is_found)
{
    const struct explore_storage_cfg cfg = small_sweep();
    first_only = true;
    check_found(&cfg, EXPLORE_REDONE);
}

Test(explore_storage_mutant, a_journal_without_sync_is_found)
{
    const struct explore_storage_cfg cfg = small_sweep();
    unsynced = true;
    check_found(&cfg, EXPLORE_REDONE);
}

Test(explore_storage_mutant, an_installation_that_begins_without_room_is_found)
{
    const struct explore_storage_cfg cfg = small_sweep();
    needs_little = true;
    check_found(&cfg, EXPLORE_NO_ROOM);
}

Test(explore_storage_mutant, a_list_of_backups_that_counts_as_empty_when_it_cannot_be_read_is_found)
{
    const struct explore_storage_cfg cfg = small_sweep();
    forgives = true;
    check_found(&cfg, EXPLORE_NO_BACKUP);
}
