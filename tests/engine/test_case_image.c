/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_case_image.c - images of plays, as SRecord reads them. */
#include "scenarios/engine/case_image.h"

#include "sim/base.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/case-image-XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(case_image, .init = make_folder, .fini = remove_folder);

static void fill(struct case_image_cfg *cfg, uint32_t kb)
{
    *cfg = (struct case_image_cfg){.header = {.version = "2.0.0", .part_number = "PART"}};
    case_image_layout(cfg, kb);
}

/* The file of an image as raw bytes, of one segment, as srec_cat writes them. */
static size_t by_srec_cat(const struct case_image_segment *part, uint8_t *to, size_t size)
{
    char command[400];
    char path[96];
    snprintf(path, sizeof path, "%s/part.bin", folder);
    snprintf(command, sizeof command,
             "srec_cat %s/image.s19 -crop 0x%X 0x%X -offset -0x%X -o %s -binary", folder,
             (unsigned)part->begin, (unsigned)(part->begin + part->len_bytes),
             (unsigned)part->begin, path);
    cr_assert_eq(system(command), 0, "%s", command);
    FILE *in = fopen(path, "rb");
    cr_assert_not_null(in);
    const size_t len = fread(to, 1, size, in);
    fclose(in);
    return len;
}

Test(case_image, another_program_reads_the_same_bytes)
{
    static const uint32_t sizes_kb[] = {4, 8, 17, 400};
    for (size_t i = 0; i < ARRAY_SIZE(sizes_kb); i++) {
        struct case_image_cfg cfg;
        struct err err = {0};
        char path[96];
        uint32_t sum = 0;
        fill(&cfg, sizes_kb[i]);
        snprintf(path, sizeof path, "%s/image.s19", folder);
        cr_assert_eq(case_image_save(&cfg, path, &err), 0, "%s", err.text);
        for (size_t k = 0; k < cfg.segments_len; k++) {
            const uint32_t len = cfg.segments[k].len_bytes;
            uint8_t *mine = malloc(len);
            uint8_t *theirs = malloc(len + 1);
            cr_assert(mine != NULL && theirs != NULL);
            case_image_bytes(&cfg, k, mine);
            cr_expect_eq(by_srec_cat(&cfg.segments[k], theirs, len + 1), len);
            cr_expect_eq(memcmp(mine, theirs, len), 0, "segment %zu of %u KB", k,
                         (unsigned)sizes_kb[i]);
            free(mine);
            free(theirs);
            sum += len;
        }
        cr_expect_eq(sum, sizes_kb[i] * 1024 - 24, "%u", (unsigned)sum);
    }
}

/* srec_info tells title, start address, and that nothing lies between the segments. */
Test(case_image, another_program_finds_four_segments)
{
    struct case_image_cfg cfg;
    struct err err = {0};
    char text[2000] = "";
    char path[96];
    char command[200];
    fill(&cfg, 8);
    snprintf(path, sizeof path, "%s/image.s19", folder);
    cr_assert_eq(case_image_save(&cfg, path, &err), 0);
    snprintf(command, sizeof command, "srec_info %s", path);
    FILE *in = popen(command, "r");
    cr_assert_not_null(in);
    (void)fread(text, 1, sizeof text - 1, in);
    cr_assert_eq(pclose(in), 0);
    cr_expect_not_null(strstr(text, "Header: \"PART 2.0.0\""), "%s", text);
    for (size_t i = 0; i < cfg.segments_len; i++) {
        char range[40];
        snprintf(range, sizeof range, "%X - %X", (unsigned)cfg.segments[i].begin,
                 (unsigned)(cfg.segments[i].begin + cfg.segments[i].len_bytes - 1));
        cr_expect_not_null(strstr(text, range), "%s in %s", range, text);
    }
}

Test(case_image, the_same_words_give_the_same_bytes_and_others_do_not)
{
    struct case_image_cfg one;
    struct case_image_cfg other;
    uint8_t a[1024];
    uint8_t b[1024];
    fill(&one, 4);
    other = one;
    case_image_bytes(&one, 3, a);
    case_image_bytes(&other, 3, b);
    cr_expect_eq(memcmp(a, b, sizeof a), 0);
    strcpy(other.header.version, "2.0.1");
    case_image_bytes(&other, 3, b);
    cr_expect_neq(memcmp(a, b, sizeof a), 0);
    strcpy(other.header.version, "2.0.0");
    strcpy(other.header.build_id, "b");
    case_image_bytes(&other, 3, b);
    cr_expect_neq(memcmp(a, b, sizeof a), 0);
}

Test(case_image, a_place_that_cannot_be_written_is_told)
{
    struct case_image_cfg cfg;
    struct err err = {0};
    fill(&cfg, 4);
    cr_expect_eq(case_image_save(&cfg, "/nowhere/x.s19", &err), ERR_IO);
    cr_expect_not_null(strstr(err.text, "/nowhere/x.s19: cannot be written: No such file"));
    cr_expect_eq(case_image_save(&cfg, "/dev/full", &err), ERR_IO);
    cr_expect_not_null(strstr(err.text, "/dev/full: cannot be written"), "%s", err.text);
}
