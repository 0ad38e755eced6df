/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_journal.c - the progress record against torn writes and garbage: what is
 * read back is the last record or the one before, never ahead and never something else. */
#include "master/ota_journal.h"

#include "tests/master/fake_ecu.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct ota_record make(uint32_t n)
{
    struct ota_record record = {.stage = (enum ota_stage)(n % OTA_STAGE_COUNT),
                                .erase = (enum ota_erase)(n / 3 % OTA_ERASE_COUNT),
                                .segment = (uint16_t)(n / 100),
                                .confirmed = n * 1024,
                                .lines = n * 32,
                                .segment_tries = (uint8_t)(n % 3),
                                .update_tries = (uint8_t)(n % 2),
                                .keys_refused = (uint8_t)(n % 2),
                                .rollback = n % 5 == 0,
                                .quiet = n % 7 != 0};
    strcpy(record.campaign, "campaign");
    strcpy(record.hardware_id, "BCM-HW-1");
    strcpy(record.serial_number, "12345678901234567890123456789012");
    strcpy(record.old_version, "1.0.0");
    memset(record.image_sha256, (int)(n & 0xFF), sizeof record.image_sha256);
    return record;
}

static bool is(const struct ota_record *record, uint32_t n)
{
    struct ota_record expected = make(n);
    return record->confirmed == expected.confirmed && record->lines == expected.lines &&
           record->segment == expected.segment && record->stage == expected.stage &&
           record->erase == expected.erase && record->rollback == expected.rollback &&
           record->quiet == expected.quiet && record->segment_tries == expected.segment_tries &&
           record->update_tries == expected.update_tries &&
           record->keys_refused == expected.keys_refused &&
           strcmp(record->campaign, expected.campaign) == 0 &&
           strcmp(record->hardware_id, expected.hardware_id) == 0 &&
           strcmp(record->serial_number, expected.serial_number) == 0 &&
           strcmp(record->old_version, expected.old_version) == 0 &&
           memcmp(record->image_sha256, expected.image_sha256, OTA_SHA256_LEN) == 0;
}

Test(ota_journal, empty_folder_holds_no_record)
{
    struct fake_world *world = fake_new();
    struct ota_journal journal;
    struct ota_record record;
    cr_assert_not(ota_journal_open(&journal, &world->port, &record));
    fake_free(world);
}

Test(ota_journal, last_record_survives_the_ring_going_round)
{
    struct fake_world *world = fake_new();
    struct ota_journal journal;
    struct ota_record record;
    ota_journal_open(&journal, &world->port, &record);
    for (uint32_t n = 1; n <= 2 * OTA_JOURNAL_SLOTS + 5; n++) {
        record = make(n);
        cr_assert_eq(ota_journal_write(&journal, &record), 0);
        struct ota_journal again;
        if (n % 97 != 0 && n < 2 * OTA_JOURNAL_SLOTS) {
            continue;
        }
        cr_assert(ota_journal_open(&again, &world->port, &record));
        cr_assert(is(&record, n), "record %u", n);
    }
    cr_assert_leq(fake_file(world, OTA_JOURNAL_FILE)->len,
                  (size_t)OTA_JOURNAL_SLOTS * OTA_JOURNAL_SLOT_BYTES);
    fake_free(world);
}

/* A write torn after each number of bytes, over what the slot held before. */
Test(ota_journal, torn_write_leaves_the_record_before)
{
    static const uint32_t before[] = {0, 1, 2, 7, OTA_JOURNAL_SLOTS, OTA_JOURNAL_SLOTS + 3};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        for (size_t cut = 0; cut <= OTA_JOURNAL_SLOT_BYTES; cut += before[i] > 100 ? 31 : 1) {
            struct fake_world *world = fake_new();
            struct ota_journal journal;
            struct ota_record record;
            ota_journal_open(&journal, &world->port, &record);
            for (uint32_t n = 1; n <= before[i]; n++) {
                record = make(n);
                ota_journal_write(&journal, &record);
            }
            world->writes_until_cut = world->writes + 1;
            world->write_cut_at = cut;
            record = make(before[i] + 1);
            cr_assert_neq(ota_journal_write(&journal, &record), 0);
            world->cut = false;
            bool found = ota_journal_open(&journal, &world->port, &record);
            bool last = found && is(&record, before[i] + 1);
            bool previous = before[i] ? found && is(&record, before[i]) : !found;
            cr_assert(last || previous, "after %u records, cut at %zu", before[i], cut);
            cr_assert(previous || cut >= 188, "a record that was cut at %zu is whole", cut);
            /* And the journal goes on from there. */
            record = make(500);
            cr_assert_eq(ota_journal_write(&journal, &record), 0);
            cr_assert(ota_journal_open(&journal, &world->port, &record));
            cr_assert(is(&record, 500));
            fake_free(world);
        }
    }
}

Test(ota_journal, any_flipped_bit_makes_the_record_invalid)
{
    for (size_t bit = 0; bit < 8u * 200u; bit += 3) {
        struct fake_world *world = fake_new();
        struct ota_journal journal;
        struct ota_record record = {0};
        ota_journal_open(&journal, &world->port, &record);
        record = make(1);
        ota_journal_write(&journal, &record);
        record = make(2);
        ota_journal_write(&journal, &record);
        uint8_t *slot = fake_file(world, OTA_JOURNAL_FILE)->bytes + OTA_JOURNAL_SLOT_BYTES;
        slot[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert(ota_journal_open(&journal, &world->port, &record));
        bool behind_record = bit / 8 >= 188;
        cr_assert(is(&record, behind_record ? 2 : 1) || is(&record, 1), "bit %zu", bit);
        fake_free(world);
    }
}

Test(ota_journal, random_histories_never_read_ahead)
{
    srand(1);
    for (int run = 0; run < 300; run++) {
        struct fake_world *world = fake_new();
        struct ota_journal journal;
        struct ota_record record;
        uint32_t written = 0;
        for (int life = 0; life < 5; life++) {
            bool found = ota_journal_open(&journal, &world->port, &record);
            uint32_t read = found ? record.confirmed / 1024 : 0;
            cr_assert(read == written || read == written + 1, "run %d: %u after %u", run, read,
                      written);
            cr_assert(!found || is(&record, read), "run %d, life %d", run, life);
            written = read;
            world->writes_until_cut = world->writes + 1 + (uint32_t)(rand() % 9);
            world->write_cut_at = (size_t)(rand() % (OTA_JOURNAL_SLOT_BYTES + 1));
            for (;;) {
                record = make(written + 1);
                if (ota_journal_write(&journal, &record) != 0) {
                    break;
                }
                written++;
            }
            world->cut = false;
        }
        fake_free(world);
    }
}

Test(ota_journal, garbage_and_an_empty_file_count_as_nothing)
{
    struct fake_world *world = fake_new();
    struct ota_journal journal;
    struct ota_record record;
    uint8_t garbage[3000];
    srand(7);
    for (size_t i = 0; i < sizeof garbage; i++) {
        garbage[i] = (uint8_t)rand();
    }
    world->port.file_write(world, OTA_JOURNAL_FILE, 0, garbage, sizeof garbage);
    cr_assert_not(ota_journal_open(&journal, &world->port, &record));
    memset(garbage, 0, sizeof garbage);
    world->port.file_write(world, OTA_JOURNAL_FILE, 0, garbage, sizeof garbage);
    cr_assert_not(ota_journal_open(&journal, &world->port, &record));
    ota_journal_clear(&journal);
    cr_assert_null(fake_file(world, OTA_JOURNAL_FILE));
    fake_free(world);
}
