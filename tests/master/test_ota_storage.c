/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_storage.c - what the master's own storage does to a campaign: full,
 * failing, changed behind its back, filling up over many campaigns. Case names are the catalogue's.
 */
#include "tests/master/fake_ecu.h"

#include "master/ota_backup.h"
#include "master/ota_ended.h"
#include "master/ota_inventory.h"
#include "master/ota_journal.h"

#include "sim/proto/uds.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct fake_world *world;
static struct ota_image image, old_image;
static struct ota_job job;
static struct ota_report report;
static struct ota_error error;

/* One bit of a stored image changes when the ECU is asked for a seed; the disk may break as well.
 */
static const char *flip_file;
static bool flip_breaks_disk;

static void set_up(void)
{
    world = fake_new();
    flip_file = NULL;
    flip_breaks_disk = false;
    fake_image(&image, "2.0.0");
    fake_image(&old_image, "1.0.0");
    fake_job(&job, &image, "2.0.0");
}

static void tear_down(void)
{
    ota_image_release(&image);
    ota_image_release(&old_image);
    fake_free(world);
}

TestSuite(ota_storage, .init = set_up, .fini = tear_down);

static void run_to(enum ota_result_code code)
{
    cr_assert(fake_run(world, &job, &report));
    cr_assert_eq((int)report.code, (int)code, "%s, reason \"%s\"; log:\n%s",
                 ota_result_name(report.code), report.reason, world->log_text);
}

static void check_why(enum ota_why why)
{
    cr_assert_eq((int)report.why, (int)why, "%s: %s", ota_why_name(report.why), report.reason);
}

static bool has_file(const char *name)
{
    return fake_file(world, name) != NULL;
}

static bool says(const char *name, const char *text)
{
    const struct fake_file *file = fake_file(world, name);
    char copy[4096] = "";
    cr_assert_not_null(file, "%s", name);
    memcpy(copy, file->bytes, file->len < sizeof copy ? file->len : sizeof copy - 1);
    return strstr(copy, text) != NULL;
}

/* Which writes fail, counted from the first one of the campaign; the disk is full, or broken. */
static void check_failing_disk(int write_errno, enum ota_why why)
{
    run_to(OTA_SUCCESS);
    uint32_t writes = world->writes;
    for (uint32_t i = 1; i < writes; i++) {
        tear_down();
        set_up();
        cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
        world->writes_until_error = world->writes + i;
        world->write_errno = write_errno;
        cr_assert(fake_run(world, &job, &report));
        if (world->erases == 0) {
            cr_assert_neq((int)report.code, (int)OTA_SUCCESS);
            check_why(why);
            cr_assert_eq(fake_count(world, "31FF00"), 0u);
            cr_assert_not(has_file("image-1.bin"), "write %u", i);
            cr_assert_not(has_file("staging.part"), "write %u", i);
            cr_assert_not(has_file("journal"), "write %u", i);
        } else {
            cr_assert_eq((int)report.code, (int)OTA_SUCCESS, "write %u: %s", i, report.reason);
        }
        cr_assert(has_file("image-0.bin"));
        cr_assert_eq(world->comm_off, 0u);
    }
}

Test(ota_storage, disk_that_fills_up_stops_the_campaign_before_the_erase) /* STO-01 */
{
    check_failing_disk(ENOSPC, OTA_WHY_NO_SPACE);
}

Test(ota_storage, disk_that_fails_stops_the_campaign_before_the_erase)
{
    check_failing_disk(EIO, OTA_WHY_STORAGE);
}

/* What the journal holds decides whether the flash still has its old software. */
Test(ota_storage, journal_that_cannot_be_read_is_not_taken_for_an_empty_one)
{
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    world->writes_until_cut = world->writes + 8;
    cr_assert_not(fake_run(world, &job, &report));
    cr_assert(has_file("journal"));
    const uint32_t erases = world->erases;
    world->cut = false;
    world->now_ns += PROTO_MS(3000);
    world->unreadable = "journal";
    run_to(OTA_INTERRUPTED);
    check_why(OTA_WHY_STORAGE);
    cr_assert_eq(world->erases, erases);
    cr_assert(has_file("journal"));
    world->unreadable = NULL;
    run_to(OTA_SUCCESS);
    cr_assert(fake_holds(world, &image));
}

/* Wherever a read fails, once: the image that ran before stays known-good. */
Test(ota_storage, read_that_fails_once_costs_no_backup)
{
    static const char *const files[] = {"backups.json", "image-0.bin", "image-1.bin"};
    for (size_t i = 0; i < 3 * sizeof files / sizeof files[0]; i++) {
        tear_down();
        set_up();
        struct ota_backups backups;
        cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
        world->unreadable = files[i / 3];
        world->unreadable_times = (uint32_t)(i % 3) + 1;
        cr_assert(fake_run(world, &job, &report));
        world->unreadable = NULL;
        bool kept = false;
        cr_assert_eq(ota_backups_read(&world->port, &backups), 0);
        for (size_t b = 0; b < backups.len; b++) {
            kept = kept || strcmp(backups.list[b].version, "1.0.0") == 0;
            struct ota_image back;
            cr_assert_eq(ota_backup_load(&world->port, &backups.list[b], &back, &error), 0);
            ota_image_release(&back);
        }
        cr_assert(kept, "%s, %zu times: %s", files[i / 3], i % 3 + 1, world->log_text);
    }
}

static void break_at_extended_session(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    if (len == 2 && data[0] == 0x10 && data[1] == 0x03 && w->writes_until_error == 0) {
        w->writes_until_error = w->writes + 1;
        w->write_errno = ENOSPC;
    }
}

/* A later life would not know that it has to lift it. */
Test(ota_storage, network_is_not_made_quiet_if_that_cannot_be_recorded)
{
    world->on_request = break_at_extended_session;
    run_to(OTA_FAILED_OLD);
    check_why(OTA_WHY_NO_SPACE);
    cr_assert_eq(fake_count(world, "8502"), 0u);
    cr_assert_eq(fake_count(world, "280103"), 0u);
    cr_assert_eq(world->comm_off, 0u);
}

static void break_at_fingerprint(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    (void)len;
    if (data[0] == UDS_WRITE_DATA) {
        w->writes_until_error = w->writes + 1;
        w->write_errno = ENOSPC;
    }
}

Test(ota_storage, erase_that_cannot_be_recorded_is_not_asked_for) /* STO-01 */
{
    world->on_request = break_at_fingerprint;
    run_to(OTA_FAILED_OLD);
    check_why(OTA_WHY_NO_SPACE);
    cr_assert_eq(fake_count(world, "3101FF00"), 0u);
    cr_assert_eq(world->comm_off, 0u);
    cr_assert_str_eq(report.version, "1.0.0");
}

Test(ota_storage, no_session_is_asked_for_while_there_is_no_room) /* STO-01 */
{
    unsigned long long need = 0;
    world->free_bytes = 1;
    run_to(OTA_REFUSED);
    check_why(OTA_WHY_NO_SPACE);
    cr_assert_eq(sscanf(strstr(report.reason, "folder, ") + 8, "%llu", &need), 1);
    cr_assert_gt(need, image.bytes_total);
    world->log_len = 0;
    world->free_bytes = need - 1;
    run_to(OTA_REFUSED);
    cr_assert_eq(fake_count(world, "10"), 0u);
    world->free_bytes = need;
    run_to(OTA_SUCCESS);
}

static void flip(struct fake_world *w, const uint8_t *data, uint16_t len)
{
    (void)len;
    if (data[0] != UDS_SECURITY_ACCESS || !flip_file) {
        return;
    }
    fake_file(w, flip_file)->bytes[700] ^= 4;
    flip_file = NULL;
    if (flip_breaks_disk) {
        w->writes_until_error = w->writes + 1;
        w->write_errno = EIO;
    }
}

Test(ota_storage, bit_that_flips_in_the_stored_package_never_reaches_the_ecu) /* STO-03 */
{
    flip_file = "image-0.bin";
    world->on_request = flip;
    run_to(OTA_SUCCESS);
    cr_assert_null(flip_file);
    cr_assert(fake_holds(world, &image));
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    ota_image_release(&old_image);
    cr_assert_eq(ota_backup_load(&world->port, &backups.list[0], &old_image, &error), 0);
}

Test(ota_storage, stored_package_that_stays_damaged_is_not_installed) /* STO-03 */
{
    flip_file = "image-0.bin";
    world->on_request = flip;
    flip_breaks_disk = true;
    run_to(OTA_FAILED_OLD);
    check_why(OTA_WHY_STORAGE);
    cr_assert_eq(world->erases, 0u);
    cr_assert_eq(world->comm_off, 0u);
}

Test(ota_storage, inventory_says_what_the_ecu_says_whatever_it_said_before) /* STO-05 */
{
    static const char lies[][32] = {"", "{\"ecus\":[{\"version\":\"2.0.0\"}]}", "\xFF\xFE"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        tear_down();
        set_up();
        world->port.file_write(world, OTA_INVENTORY_FILE, 0, lies[i], sizeof lies[i]);
        run_to(OTA_SUCCESS);
        cr_assert(says(OTA_INVENTORY_FILE, "\"version\":\t\"2.0.0\""));
        cr_assert(says(OTA_INVENTORY_FILE, "\"serial_number\":\t\"LH-000001\""));
        cr_assert_eq(world->erases, 1u);
    }
}

Test(ota_storage, inventory_is_brought_up_to_date_even_if_there_is_no_campaign) /* FUN-02 */
{
    job.action = OTA_ACTION_NONE;
    job.image = NULL;
    run_to(OTA_UP_TO_DATE);
    check_why(OTA_WHY_NO_CAMPAIGN);
    cr_assert_eq(fake_count(world, "22"), world->log_len);
    cr_assert_str_eq(report.version, "1.0.0");
    cr_assert(says(OTA_INVENTORY_FILE, "1.0.0"));
    uint32_t writes = world->writes;
    run_to(OTA_UP_TO_DATE);
    cr_assert_eq(world->writes, writes); /* It is right already. */
}

Test(ota_storage, no_campaign_leaves_an_interrupted_one_alone)
{
    fake_rule(world, "36", 20, 0, FAKE_LOSE_REQUEST, 0);
    job.pause_max = 0;
    run_to(OTA_INTERRUPTED);
    cr_assert(report.prompt);
    world->rules_len = 0;
    struct ota_job none = job;
    none.action = OTA_ACTION_NONE;
    cr_assert(fake_run(world, &none, &report));
    check_why(OTA_WHY_NO_CAMPAIGN);
    run_to(OTA_SUCCESS);
    cr_assert_eq(world->erases, 1u);
}

Test(ota_storage, journal_wears_each_slot_a_few_times_in_eight_megabytes) /* STO-06 */
{
    enum { BLOCK = 1024, UPDATE = 8 * 1024 * 1024 };
    uint32_t records = UPDATE / BLOCK + 40; /* A record a block, and those of the steps. */
    cr_assert_leq((records + OTA_JOURNAL_SLOTS - 1) / OTA_JOURNAL_SLOTS, 10u);
}

Test(ota_storage, third_package_is_refused_rather_than_a_known_good_one_deleted) /* STO-07 */
{
    cr_assert_eq(ota_backup_add(&world->port, &old_image, "1.0.0", &error), 0);
    run_to(OTA_SUCCESS);
    struct ota_image third;
    fake_image(&third, "3.0.0");
    fake_job(&job, &third, "3.0.0");
    world->free_bytes = 2000;
    run_to(OTA_REFUSED);
    check_why(OTA_WHY_NO_SPACE);
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    cr_assert_eq(backups.len, 2u);
    for (size_t i = 0; i < backups.len; i++) {
        struct ota_image back;
        cr_assert_eq(ota_backup_load(&world->port, &backups.list[i], &back, &error), 0);
        ota_image_release(&back);
    }
    ota_image_release(&third);
}

Test(ota_storage, hundred_updates_leave_no_more_than_two) /* STB-01 */
{
    size_t bytes = 0;
    size_t files = 0;
    for (unsigned i = 0; i < 100; i++) {
        bool even = i % 2 == 0;
        fake_job(&job, even ? &image : &old_image, even ? "2.0.0" : "1.0.0");
        snprintf(job.campaign, sizeof job.campaign, "round-%03u", i);
        world->log_text[0] = '\0';
        world->log_len = 0;
        run_to(OTA_SUCCESS);
        if (i == 3) {
            bytes = fake_files_bytes(world);
            files = fake_files_count(world);
        }
    }
    cr_assert_eq(world->erases, 100u);
    cr_assert_eq(fake_files_count(world), files);
    cr_assert_eq(fake_files_bytes(world), bytes);
}

/* What was staged when the power went is not left over for ever. */
Test(ota_storage, staged_image_of_a_forgotten_campaign_is_swept)
{
    struct ota_backup staged;
    struct ota_image third;
    fake_image(&third, "3.0.0");
    cr_assert_eq(ota_backup_stage(&world->port, &third, "3.0.0", &staged, &error), 0);
    run_to(OTA_SUCCESS);
    cr_assert_eq(has_file("image-0.bin") + has_file("image-1.bin") + has_file("image-2.bin"), 1);
    ota_image_release(&third);
}

Test(ota_storage, place_in_the_flash_that_failed_is_told) /* STO-04 */
{
    static const struct {
        const char *request;
        uint16_t first;
        uint32_t address;
    } rows[] = {{"36", 15, 0x790000 + 2 * 256}, {"37", 2, 0x790000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tear_down();
        set_up();
        job.update_retry_max = 0;
        fake_rule(world, rows[i].request, rows[i].first, 0, FAKE_NRC, UDS_NRC_PROGRAMMING_FAILURE);
        run_to(OTA_FAILED_SAFE);
        check_why(OTA_WHY_NEGATIVE_RESPONSE);
        cr_assert_eq(report.segment, 2u);
        cr_assert_eq(report.address, rows[i].address);
    }
}
