/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flash/test_s12x_srec.c - srec_cat (srecord) reads the saved image byte by byte. */
#include "tests/flash/flash_rig.h"

#include "sim/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { P_START = 0x780000, P_BYTES = 0x80000 };

static void convert(const char *srec, const char *bin)
{
    char command[512];
    snprintf(command, sizeof(command),
             "srec_cat '%s' -offset -0x780000 -fill 0xFF 0 0x80000 -o '%s' -binary", srec, bin);
    cr_assert_eq(system(command), 0, "srec_cat (package srecord) failed: %s", command);
}

Test(srec, srec_cat_reads_back_the_image_byte_identical)
{
    static uint8_t image[P_BYTES];
    static uint8_t read_back[P_BYTES];
    char srec[] = "/tmp/limphome-srec-XXXXXX";
    char bin[64];
    struct rig rig;
    struct prng prng;
    struct err err;
    int fd = mkstemp(srec);
    cr_assert_geq(fd, 0);
    close(fd);
    snprintf(bin, sizeof(bin), "%s.bin", srec);
    rig_new(&rig, NULL);
    prng_init(&prng, 1, "srec");
    memset(image, 0xFF, sizeof(image));
    prng_fill(&prng, image + 0x100, 5000);
    prng_fill(&prng, image + 0x1FFF8, 16); /* Across two blocks. */
    prng_fill(&prng, image + P_BYTES - 24, 24);
    for (uint32_t at = 0; at < P_BYTES; at += 8) {
        static const uint8_t blank[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
        if (memcmp(image + at, blank, 8) != 0) {
            cr_assert_eq(s12x_flash_factory_program(rig.flash, P_START + at, image + at, 8, &err),
                         0);
        }
    }
    cr_assert_eq(s12x_flash_save_srec(rig.flash, srec, &err), 0, "%s", err.text);
    convert(srec, bin);
    FILE *in = fopen(bin, "rb");
    cr_assert_not_null(in);
    cr_assert_eq(fread(read_back, 1, sizeof(read_back), in), sizeof(read_back));
    cr_assert_eq(fgetc(in), EOF);
    fclose(in);
    cr_assert_eq(memcmp(image, read_back, sizeof(image)), 0);
    remove(srec);
    remove(bin);
    rig_close(&rig);
}

Test(srec, a_path_that_cannot_be_written_is_an_error_that_names_it)
{
    struct rig rig;
    struct err err;
    rig_new(&rig, NULL);
    cr_assert_eq(s12x_flash_save_srec(rig.flash, "/nonexistent/x.s19", &err), ERR_IO);
    cr_assert(strstr(err.text, "/nonexistent/x.s19"));
    rig_close(&rig);
}
