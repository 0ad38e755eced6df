/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_sha1.c - SHA-1 against the examples of FIPS 180 and RFC 3174, and against the
 * openssl command for lengths around the block boundary. */
#include "sim/proto/sha1.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void hash_hex(const uint8_t *data, size_t len, size_t step, char hex[41])
{
    struct sha1 sha;
    uint8_t digest[SHA1_LEN];
    sha1_init(&sha);
    for (size_t at = 0; at < len; at += step) {
        size_t piece = len - at < step ? len - at : step;
        sha1_update(&sha, data + at, (uint16_t)piece);
    }
    sha1_final(&sha, digest);
    for (size_t i = 0; i < SHA1_LEN; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
}

static void expect_text(const char *text, const char *expected)
{
    char hex[41];
    hash_hex((const uint8_t *)text, strlen(text), 4096, hex);
    cr_assert_str_eq(hex, expected);
}

Test(sha1, gives_the_digests_of_the_standard)
{
    expect_text("", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect_text("abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    expect_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

Test(sha1, gives_the_digest_of_a_million_letters)
{
    static uint8_t letters[1000000];
    char hex[41];
    memset(letters, 'a', sizeof letters);
    hash_hex(letters, sizeof letters, 997, hex);
    cr_assert_str_eq(hex, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

/* RFC 3174, TEST4. */
Test(sha1, gives_the_digest_of_the_rfc_for_whole_blocks)
{
    char text[641];
    for (size_t i = 0; i < 640; i++) {
        text[i] = (char)('0' + i % 8);
    }
    text[640] = '\0';
    expect_text(text, "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

static void openssl_hex(const uint8_t *data, size_t len, char hex[41])
{
    char path[] = "/tmp/limphome-sha1-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    close(fd);
    char command[128];
    snprintf(command, sizeof command, "openssl dgst -sha1 -r %s", path);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    cr_assert_not_null(fgets(hex, 41, pipe));
    pclose(pipe);
    unlink(path);
}

Test(sha1, agrees_with_openssl_around_block_boundaries)
{
    uint8_t data[200];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 151 + 7);
    }
    const size_t lengths[] = {1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 200};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char expected[41];
        openssl_hex(data, lengths[i], expected);
        for (size_t step = 1; step < 80; step += 26) {
            char hex[41];
            hash_hex(data, lengths[i], step, hex);
            cr_assert_str_eq(hex, expected, "%zu bytes in steps of %zu", lengths[i], step);
        }
    }
}
