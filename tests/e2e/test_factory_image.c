/* SPDX-License-Identifier: Apache-2.0 */
/* test_factory_image.c - the station at the end of the line and the master read S-record files by
 * the same rules: what one of them refuses, so does the other, in the same line. */
#include "master/ota_image.h"
#include "sim/ecus/vehicle.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATA "S20678000001027E\n"
#define NEXT "S20678000201027C\n"
#define END  "S804000000FB\n"

static const struct {
    const char *text;
    unsigned line;
    const char *reason; /* Part of the factory's message; null: both take the file. */
} rows[] = {
    {DATA END, 0, NULL},
    {"S0030000FC\n" DATA NEXT "S5030002FA\n" END, 0, NULL},
    {"S0030000FC\r\nS20678000001027E\r\n"
     "S9030000FC\r\n",
     0, NULL},
    {DATA "S604000001FA\n" END, 0, NULL},
    {"", 1, "no data record; this is no software image"},
    {END, 1, "no data record; this is no software image"},
    {DATA, 1, "no end record (S7, S8 or S9); get the file again"},
    {DATA "S5030001FB\n", 2, "no end record"},
    {"hello\n" END, 1, "does not begin with 'S' and a digit; make the file again"},
    {DATA "S4030000FC\n" END, 2, "is of a type that does not exist; make the file again"},
    {"S2067800000102\n" END, 1, "has fewer bytes than its count"},
    {"S20678000001027E00\n" END, 1, "has more bytes than its count"},
    {"S20678000001G27E\n" END, 1, "not a hexadecimal digit"},
    {DATA "S20678000201027D\n" END, 2, "the checksum does not fit; get the file again"},
    {"S20478000083\n" END, 1, "the S2 record carries no data; remove the line"},
    {DATA DATA END, 2, "address 0x780000 is given already by line 1; remove one of the two"},
    {DATA "S20678000101027D\n" END, 2, "address 0x780001 is given already by line 1"},
    {"S20678000101027D\n" DATA END, 2, "address 0x780001 is given already by line 1"},
    {DATA NEXT DATA END, 3, "is given already by line 1"},
    {DATA "S5030002FA\n" END, 2, "the count record says 2 data records, the file has 1 before it"},
    {"S5030000FC\n" DATA END, 2, "data follows the count record of line 1"},
    {DATA "S5030001FB\nS5030001FB\n" END, 3, "a second count record, the first is line 2"},
    {DATA "S0030000FC\n" END, 2, "a header record S0 in the middle; two files seem to have been"},
    {DATA END DATA, 3, "text behind the end record of line 2; remove what follows it"},
    {DATA END "\n", 3, "text behind the end record"},
    {DATA "\n" END, 2, "empty line; remove it"},
    {"\n" DATA END, 1, "empty line; remove it"},
    {"S2067F80000102F7\n" END, 1, "record at 0x7F8000 lies outside the application regions"},
    {"S2067F7FFF0102F9\n" END, 1, "record at 0x7F7FFF lies outside the application regions"},
    {"S206FFFFFF0102F9\n" END, 1, "record at 0xFFFFFF lies outside the application regions"},
    {"S10500000102F7\n" END, 1, "record at 0x000000 lies outside the application regions"},
    {"S307807800000102FD\n" END, 1, "record at 0x80780000 lies outside the application regions"},
};

struct bench {
    struct sim sim;
    struct vehicle *vehicle;
    struct s12x_ecu *ecu;
    char path[32];
};

static void bench_init(struct bench *bench)
{
    const struct sim_cfg cfg = {.seed = 1};
    struct err err = {.code = 0};
    sim_init(&bench->sim, &cfg);
    bench->vehicle = vehicle_load(LIMPHOME_SOURCE_DIR "/vehicles/single.json", &bench->sim, &err);
    cr_assert(bench->vehicle != NULL, "%s", err.text);
    bench->ecu = s12x_ecu_from(vehicle_ecu_at(bench->vehicle, 0));
    (void)snprintf(bench->path, sizeof bench->path, "/tmp/limphome-XXXXXX");
    int fd = mkstemp(bench->path);
    cr_assert(fd >= 0);
    close(fd);
}

static void bench_release(struct bench *bench)
{
    unlink(bench->path);
    vehicle_free(bench->vehicle);
    sim_release(&bench->sim);
}

static int master_reads(const char *text, size_t len, struct ota_error *error)
{
    static const struct ota_window windows[] = {{0x780000, 0x7F8000}, {0x7FA000, 0x7FC000}};
    struct ota_image image;
    int code = ota_image_parse(&image, text, len, "image", windows, 2, error);
    ota_image_release(&image);
    return code;
}

static int factory_reads(struct bench *bench, const char *text, size_t len, struct err *err)
{
    FILE *out = fopen(bench->path, "wb");
    cr_assert(out != NULL && fwrite(text, 1, len, out) == len);
    fclose(out);
    return s12x_ecu_load_application(bench->ecu, bench->path, err);
}

static void expect_both_refuse(struct bench *bench, const char *text, size_t len, unsigned line,
                               const char *reason)
{
    struct err err = {.code = 0};
    struct ota_error error = {.code = 0};
    char where[64];
    cr_expect(factory_reads(bench, text, len, &err) < 0, "accepted by the factory: %s", reason);
    cr_expect(master_reads(text, len, &error) < 0, "accepted by the master: %s", reason);
    (void)snprintf(where, sizeof where, "%s:%u: ", bench->path, line);
    cr_expect(strncmp(err.text, where, strlen(where)) == 0 && strstr(err.text, reason) != NULL,
              "<%s> does not say <%s%s>", err.text, where, reason);
    (void)snprintf(where, sizeof where, "image:%u: ", line);
    cr_expect(strncmp(error.text, where, strlen(where)) == 0, "<%s> is not about line %u",
              error.text, line);
}

Test(factory_image, replaces_the_one_before_it)
{
    static const char other[] = "S20678000080FF02\n" END;
    uint8_t bytes[9];
    struct bench bench;
    struct err err = {.code = 0};
    bench_init(&bench);
    cr_assert_eq(factory_reads(&bench, DATA END, strlen(DATA END), &err), 0, "%s", err.text);
    cr_assert_eq(factory_reads(&bench, other, strlen(other), &err), 0, "%s", err.text);
    s12x_flash_peek(s12x_ecu_flash(bench.ecu), 0x780000, bytes, sizeof bytes);
    cr_expect_eq(bytes[0], 0x80, "erased before it was programmed");
    cr_expect_eq(bytes[1], 0xFF);
    cr_expect_eq(s12x_flash_erase_count(s12x_ecu_flash(bench.ecu), 0x780000), 0);
    bench_release(&bench);
}

Test(factory_image, is_read_by_the_rules_of_the_master)
{
    struct bench bench;
    bench_init(&bench);
    uint64_t blank = s12x_flash_state_hash(s12x_ecu_flash(bench.ecu));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].reason != NULL) {
            expect_both_refuse(&bench, rows[i].text, strlen(rows[i].text), rows[i].line,
                               rows[i].reason);
        }
    }
    cr_expect_eq(s12x_flash_state_hash(s12x_ecu_flash(bench.ecu)), blank,
                 "a file that is refused leaves the flash as it was");
    bench_release(&bench);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err err = {.code = 0};
        struct ota_error error = {.code = 0};
        if (rows[i].reason == NULL) {
            bench_init(&bench);
            cr_expect_eq(factory_reads(&bench, rows[i].text, strlen(rows[i].text), &err), 0, "%s",
                         err.text);
            cr_expect_eq(master_reads(rows[i].text, strlen(rows[i].text), &error), 0, "%s",
                         error.text);
            bench_release(&bench);
        }
    }
}

Test(factory_image, with_bytes_that_no_text_has_or_too_long_a_line_is_refused)
{
    static const char nul[] = DATA "S2067\00000010275\n" END;
    static char text[2000];
    struct bench bench;
    bench_init(&bench);
    expect_both_refuse(&bench, nul, sizeof nul - 1, 2, "not a hexadecimal digit");
    memset(text, 'S', sizeof text - 1);
    expect_both_refuse(&bench, text, sizeof text - 1, 1, "the line has 1999 characters");
    bench_release(&bench);
}

Test(factory_image, of_more_pieces_than_a_bootloader_can_check_is_refused)
{
    char text[40 * 20] = "";
    struct bench bench;
    bench_init(&bench);
    for (unsigned i = 0; i < 33; i++) {
        unsigned sum = 0x05u + 0x78u + (i >> 4) + (i & 15u) * 16u + 0x55u;
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "S205780%01X%01X055%02X\n",
                       i >> 4, i & 15u, ~sum & 0xFFu);
    }
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s", END);
    expect_both_refuse(&bench, text, strlen(text), 33, "more than 32 separate runs of bytes");
    bench_release(&bench);
}

Test(factory_image, that_is_no_file_of_its_own_is_refused_at_once, .timeout = 5)
{
    char folder[] = "/tmp/limphome-XXXXXX";
    char pipe_path[64];
    struct bench bench;
    bench_init(&bench);
    cr_assert(mkdtemp(folder) != NULL);
    (void)snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
    cr_assert_eq(mkfifo(pipe_path, 0600), 0);
    const struct {
        const char *path;
        const char *reason;
    } others[] = {{"/dev/zero", "/dev/zero: is a device or socket, not an S-record file"},
                  {folder, "is a folder, not an S-record file; name a regular file"},
                  {pipe_path, "pipe: is a pipe, not an S-record file; name a regular file"},
                  {"", "path of an S-record file is empty"}};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        struct err err = {.code = 0};
        cr_expect(s12x_ecu_load_application(bench.ecu, others[i].path, &err) < 0);
        cr_expect(strstr(err.text, others[i].reason) != NULL, "<%s> does not say <%s>", err.text,
                  others[i].reason);
    }
    unlink(pipe_path);
    rmdir(folder);
    bench_release(&bench);
}

Test(factory_image, larger_than_any_image_is_refused, .timeout = 5)
{
    struct err err = {.code = 0};
    struct bench bench;
    bench_init(&bench);
    cr_assert_eq(truncate(bench.path, (off_t)17 * 1024 * 1024), 0);
    cr_expect_eq(s12x_ecu_load_application(bench.ecu, bench.path, &err), ERR_RANGE);
    cr_expect(strstr(err.text, "larger than 16 MB: not an S-record file") != NULL, "%s", err.text);
    bench_release(&bench);
}
