/* SPDX-License-Identifier: Apache-2.0 */
/* tests/master/test_ota_backup.c - known-good images: kept, verified, and never lost. */
#include "master/ota_backup.h"

#include "tests/master/fake_ecu.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct fake_world *world;
static struct ota_error error;

static void set_up(void)
{
    world = fake_new();
}

static void tear_down(void)
{
    fake_free(world);
}

TestSuite(ota_backup, .init = set_up, .fini = tear_down);

static int add(const char *version)
{
    struct ota_image image;
    fake_image(&image, version);
    int code = ota_backup_add(&world->port, &image, version, &error);
    ota_image_release(&image);
    return code;
}

static size_t whole_backups(void)
{
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    size_t whole = 0;
    for (size_t i = 0; i < backups.len; i++) {
        struct ota_image image;
        whole += ota_backup_load(&world->port, &backups.list[i], &image, &error) == 0;
        ota_image_release(&image);
    }
    return whole;
}

Test(ota_backup, image_comes_back_as_it_was_with_its_lines)
{
    struct ota_image image;
    struct ota_image back;
    struct ota_backups backups;
    fake_image(&image, "2.0.0");
    cr_assert_eq(ota_backup_add(&world->port, &image, "2.0.0", &error), 0);
    ota_backups_read(&world->port, &backups);
    cr_assert_eq(backups.len, 1u);
    cr_assert_str_eq(backups.list[0].version, "2.0.0");
    cr_assert_eq(ota_backup_load(&world->port, &backups.list[0], &back, &error), 0);
    cr_assert_eq(memcmp(back.content_sha256, image.content_sha256, OTA_SHA256_LEN), 0);
    cr_assert_eq(memcmp(back.sha256, image.sha256, OTA_SHA256_LEN), 0);
    cr_assert_eq(back.file_bytes, image.file_bytes);
    cr_assert_eq(back.segments_len, image.segments_len);
    for (size_t i = 0; i < image.segments_len; i++) {
        cr_assert_eq(back.segments[i].lines_len, image.segments[i].lines_len);
        cr_assert_eq(back.segments[i].lines[1].address, image.segments[i].lines[1].address);
        cr_assert_eq(memcmp(back.segments[i].sha1, image.segments[i].sha1, OTA_SHA1_LEN), 0);
    }
    ota_image_release(&image);
    ota_image_release(&back);
}

Test(ota_backup, newest_two_are_kept_newest_first)
{
    cr_assert_eq(add("1.0.0"), 0);
    cr_assert_eq(add("2.0.0"), 0);
    cr_assert_eq(add("3.0.0"), 0);
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    cr_assert_eq(backups.len, 2u);
    cr_assert_str_eq(backups.list[0].version, "3.0.0");
    cr_assert_str_eq(backups.list[1].version, "2.0.0");
    size_t files = 0;
    for (size_t i = 0; i < FAKE_FILES; i++) {
        files += world->files[i].used;
    }
    cr_assert_eq(files, 3u); /* Two images and the manifest. */
}

Test(ota_backup, same_image_again_moves_to_the_front)
{
    add("1.0.0");
    add("2.0.0");
    add("1.0.0");
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    cr_assert_eq(backups.len, 2u);
    cr_assert_str_eq(backups.list[0].version, "1.0.0");
    cr_assert_eq(whole_backups(), 2u);
}

Test(ota_backup, damaged_backup_is_never_loaded) /* RBK-03 */
{
    add("1.0.0");
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    struct fake_file *file = fake_file(world, backups.list[0].file);
    for (size_t at = 0; at < file->len; at += 501) {
        struct ota_image image;
        file->bytes[at] ^= 0x20;
        cr_assert_eq(ota_backup_load(&world->port, &backups.list[0], &image, &error),
                     OTA_ERR_INTEGRITY);
        cr_assert_eq(image.segments_len, 0u);
        file->bytes[at] ^= 0x20;
    }
    file->len--;
    cr_assert_eq(whole_backups(), 0u);
}

Test(ota_backup, damaged_newest_does_not_push_out_an_older_whole_one) /* STO-07 */
{
    add("1.0.0");
    add("2.0.0");
    struct ota_backups backups;
    ota_backups_read(&world->port, &backups);
    fake_file(world, backups.list[0].file)->bytes[100] ^= 1;
    cr_assert_eq(add("3.0.0"), 0);
    ota_backups_read(&world->port, &backups);
    cr_assert_eq(backups.len, 2u);
    cr_assert_str_eq(backups.list[1].version, "1.0.0");
    cr_assert_eq(whole_backups(), 2u);
}

/* Power is lost at each write of adding a third image, torn at several places. */
Test(ota_backup, power_cut_while_storing_never_loses_a_known_good_image)
{
    for (uint32_t write = 1; write <= 2; write++) {
        for (size_t cut = 0; cut < 9500; cut += 701) {
            tear_down();
            set_up();
            add("1.0.0");
            add("2.0.0");
            world->writes_until_cut = world->writes + write;
            world->write_cut_at = cut;
            cr_assert_neq(add("3.0.0"), 0);
            world->cut = false;
            cr_assert_geq(whole_backups(), 2u, "write %u, cut at %zu", write, cut);
            cr_assert_eq(add("3.0.0"), 0, "%s", error.text);
            cr_assert_eq(whole_backups(), 2u);
        }
    }
}

Test(ota_backup, unstaging_spares_what_is_known_good)
{
    struct ota_image image;
    struct ota_backup staged;
    fake_image(&image, "1.0.0");
    cr_assert_eq(ota_backup_stage(&world->port, &image, "1.0.0", &staged, &error), 0);
    ota_backup_unstage(&world->port);
    cr_assert_null(fake_file(world, staged.file));
    ota_backup_add(&world->port, &image, "1.0.0", &error);
    ota_backup_unstage(&world->port);
    cr_assert_eq(whole_backups(), 1u);
    ota_image_release(&image);
}

Test(ota_backup, hostile_manifest_leads_nowhere) /* SEC-13 */
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"known_good\":3}",
        "{\"known_good\":[3,{}]}",
        "{\"known_good\":[{\"file\":\"../../etc/passwd\",\"version\":\"1\",\"bytes\":1,\"sha256\":"
        "\"00000000000000000000000000000000000000000000000000000000000000000\"}]}",
        "{\"known_good\":[{\"file\":\"../x\",\"version\":\"1\",\"bytes\":1,\"sha256\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        world->port.file_remove(world, OTA_BACKUP_MANIFEST);
        world->port.file_write(world, OTA_BACKUP_MANIFEST, 0, texts[i], strlen(texts[i]));
        struct ota_backups backups;
        ota_backups_read(&world->port, &backups);
        cr_assert_eq(backups.len, 0u, "text %zu", i);
    }
}
