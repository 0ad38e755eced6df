/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_package.c - image files that are not what the campaign declares, or
 * hostile; and the report that a refusal leaves. Case names are the catalogue's. */
#include "tests/master/fake_ecu.h"

#include "master/ota_hash.h"
#include "master/ota_package.h"
#include "master/ota_result.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char good_file[] = "S00600004844521B\n"
                                "S1131000000102030405060708090A0B0C0D0E0F64\n"
                                "S1131010101112131415161718191A1B1C1D1E1F54\n"
                                "S5030002FA\n"
                                "S9030000FC\n";

static struct ota_job job;
static struct ota_image image;
static struct ota_trouble trouble;

static void put_file(const char *text, size_t len)
{
    FILE *file = fopen(job.image_path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, len, file), len);
    fclose(file);
}

static void set_up(void)
{
    uint8_t sha256[OTA_SHA256_LEN];
    ota_job_init(&job);
    strcpy(job.campaign, "test");
    strcpy(job.version, "2.0.0");
    strcpy(job.image_path, "/tmp/limphome-package-XXXXXX");
    int fd = mkstemp(job.image_path);
    cr_assert_geq(fd, 0);
    close(fd);
    job.windows[0] = (struct ota_window){.start = 0x1000, .end = 0x2000};
    job.windows_len = 1;
    ota_sha256(good_file, strlen(good_file), sha256);
    ota_hex(sha256, sizeof sha256, job.sha256_hex);
    job.file_bytes = strlen(good_file);
    put_file(good_file, strlen(good_file));
}

static void tear_down(void)
{
    unlink(job.image_path);
    ota_image_release(&image);
}

TestSuite(ota_package, .init = set_up, .fini = tear_down);

static void check_refused(enum ota_why why, const char *what)
{
    cr_assert_not(ota_package_load(&job, &image, &trouble), "%s", what);
    cr_assert_eq((int)trouble.why, (int)why, "%s: %s: %s", what, ota_why_name(trouble.why),
                 trouble.text);
    cr_assert_eq(image.segments_len, 0u);
    cr_assert_neq(trouble.text[0], '\0');
}

Test(ota_package, declared_file_is_taken)
{
    cr_assert(ota_package_load(&job, &image, &trouble), "%s", trouble.text);
    cr_assert_eq(image.bytes_total, 32u);
    cr_assert_eq((int)trouble.why, (int)OTA_WHY_NONE);
}

Test(ota_package, each_changed_bit_is_seen_before_anything_is_read_from_it) /* SEC-01 */
{
    char text[sizeof good_file];
    for (size_t at = 0; at < strlen(good_file); at++) {
        memcpy(text, good_file, sizeof text);
        text[at] = (char)(text[at] ^ (1 << (at % 7)));
        put_file(text, strlen(good_file));
        check_refused(OTA_WHY_INTEGRITY, "one bit");
    }
    memcpy(text, good_file, sizeof text);
    memcpy(text + 17, good_file + 17 + 43, 43); /* Two lines change places: still a good image. */
    memcpy(text + 17 + 43, good_file + 17, 43);
    put_file(text, strlen(good_file));
    check_refused(OTA_WHY_INTEGRITY, "block swap");
}

Test(ota_package, wrong_length_is_seen_as_such) /* SEC-03 */
{
    char text[2 * sizeof good_file];
    const size_t len = strlen(good_file);
    memcpy(text, good_file, len);
    memcpy(text + len, good_file, len);
    const size_t lengths[] = {0, len / 2, len - 1, len + 1, 2 * len};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        put_file(text, lengths[i]);
        check_refused(OTA_WHY_SIZE, "length");
    }
}

/* Nothing is declared, or the wrong file was: then the content has to speak for itself. */
Test(ota_package, hostile_content_is_refused_by_its_kind) /* SEC-13 */
{
    static const struct {
        const char *what, *text;
        enum ota_why why;
    } rows[] = {
        {"line checksum", "S1131000000102030405060708090A0B0C0D0E0F65\nS9030000FC\n",
         OTA_WHY_INTEGRITY},
        {"overlap", "S1061000010203E3\nS10510010102E6\nS9030000FC\n", OTA_WHY_FORMAT},
        {"outside", "S104200001DA\nS9030000FC\n", OTA_WHY_RANGE},
        {"count", "S104100001EA\nS5030002FA\nS9030000FC\n", OTA_WHY_INTEGRITY},
        {"no end", "S104100001EA\n", OTA_WHY_INTEGRITY},
        {"no record", "hello\n", OTA_WHY_FORMAT},
        {"empty", "", OTA_WHY_FORMAT},
        {"behind the end", "S104100001EA\nS9030000FC\nS104100001EA\n", OTA_WHY_FORMAT},
        {"given twice", "S104100001EA\nS104100001EA\nS9030000FC\n", OTA_WHY_FORMAT},
    };
    job.sha256_hex[0] = '\0';
    job.file_bytes = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_file(rows[i].text, strlen(rows[i].text));
        check_refused(rows[i].why, rows[i].what);
    }
}

Test(ota_package, file_that_is_not_there_is_a_trouble_of_storage)
{
    unlink(job.image_path);
    check_refused(OTA_WHY_STORAGE, "missing");
}

static char text_of_result[8192];

static void read_result(struct fake_world *world)
{
    const struct fake_file *file = fake_file(world, OTA_RESULT_FILE);
    cr_assert_not_null(file);
    cr_assert_lt(file->len, sizeof text_of_result);
    memcpy(text_of_result, file->bytes, file->len);
    text_of_result[file->len] = '\0';
}

static const char *text_at(const cJSON *tree, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
}

Test(ota_package, result_tells_programs_and_people_what_happened) /* AUD-02 */
{
    struct fake_world *world = fake_new();
    struct ota_error error;
    struct ota_report report = {.code = OTA_FAILED_SAFE,
                                .why = OTA_WHY_NEGATIVE_RESPONSE,
                                .reason = "transfer data: 72",
                                .sid = 0x36,
                                .nrc = 0x72,
                                .segment = 2,
                                .address = 0x790100,
                                .version = "1.0.0",
                                .prompt = true};
    cr_assert_eq(ota_result_reserve(&world->port, &error), 0);
    char *text = ota_result_text(&job, &report, "2026-01-02T03:04:05Z");
    cr_assert_eq(ota_result_write(&world->port, text, &error), 0);
    free(text);
    read_result(world);
    cJSON *tree = cJSON_Parse(text_of_result);
    cr_assert_not_null(tree);
    cr_assert_str_eq(text_at(tree, "campaign"), "test");
    cr_assert_str_eq(text_at(tree, "result"), "FAILED_SAFE");
    cr_assert_str_eq(text_at(tree, "reason_code"), "NEGATIVE_RESPONSE");
    cr_assert_str_eq(text_at(tree, "ended_at"), "2026-01-02T03:04:05Z");
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "prompt")));
    cr_assert_eq(cJSON_GetObjectItemCaseSensitive(tree, "sid")->valueint, 0x36);
    cr_assert_eq(cJSON_GetObjectItemCaseSensitive(tree, "segment")->valueint, 2);
    cr_assert_eq(cJSON_GetObjectItemCaseSensitive(tree, "address")->valueint, 0x790100);
    const cJSON *ecu = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "ecus"), 0);
    cr_assert_str_eq(text_at(ecu, "name"), "ecu");
    cr_assert_str_eq(text_at(ecu, "result"), "FAILED_SAFE");
    cr_assert_str_eq(text_at(ecu, "version"), "1.0.0");
    cJSON_Delete(tree);
    fake_free(world);
}

/* Writing adds no byte to what was reserved, so a disk that is full by then does not matter. */
Test(ota_package, result_takes_no_more_room_than_was_reserved) /* STO-01 */
{
    struct fake_world *world = fake_new();
    struct ota_error error;
    struct ota_report report;
    trouble = (struct ota_trouble){.why = OTA_WHY_NO_SPACE};
    memset(trouble.text, 'x', sizeof trouble.text - 1);
    ota_result_refuse(&report, &trouble);
    cr_assert_eq((int)report.code, (int)OTA_REFUSED);
    cr_assert_eq(ota_result_reserve(&world->port, &error), 0);
    size_t bytes = fake_files_bytes(world);
    char *text = ota_result_text(&job, &report, "");
    cr_assert_eq(ota_result_write(&world->port, text, &error), 0);
    cr_assert_eq(fake_files_bytes(world), bytes);
    cr_assert_eq(fake_files_count(world), 1u);
    world->writes_until_error = 1;
    world->write_errno = ENOSPC;
    cr_assert_eq(ota_result_reserve(&world->port, &error), OTA_ERR_SPACE);
    cr_assert_eq(fake_files_count(world), 1u); /* The earlier result is not touched. */
    free(text);
    fake_free(world);
}

Test(ota_package, trouble_of_the_package_refuses_the_campaign_before_the_bus) /* SEC-01 */
{
    struct fake_world *world = fake_new();
    struct ota_report report;
    struct ota_job with_trouble;
    fake_job(&with_trouble, &image, "2.0.0");
    put_file("S9030000FC\n", 11);
    cr_assert_not(ota_package_load(&job, &image, &with_trouble.trouble));
    cr_assert(fake_run(world, &with_trouble, &report));
    cr_assert_eq((int)report.code, (int)OTA_REFUSED);
    cr_assert_eq((int)report.why, (int)OTA_WHY_SIZE);
    cr_assert_eq(world->log_len, 0u);
    fake_free(world);
}
