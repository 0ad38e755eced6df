/* SPDX-License-Identifier: Apache-2.0 */
/* tests/proto/test_sha256.c - SHA-256 against the examples of FIPS 180-4, its code against RFC
 * 4231, and the CRC of X-25 against the catalogue's check value. */
#include "sim/proto/crc.h"
#include "sim/proto/sha256.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void print_hex(const uint8_t digest[SHA256_LEN], char hex[65])
{
    for (size_t i = 0; i < SHA256_LEN; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
}

static void expect_digest(const uint8_t *data, size_t len, size_t step, const char *expected)
{
    struct sha256 sha;
    uint8_t digest[SHA256_LEN];
    char hex[65];
    sha256_init(&sha);
    for (size_t at = 0; at < len; at += step) {
        sha256_update(&sha, data + at, (uint16_t)(len - at < step ? len - at : step));
    }
    sha256_final(&sha, digest);
    print_hex(digest, hex);
    cr_expect_str_eq(hex, expected);
}

static void expect_text(const char *text, const char *expected)
{
    expect_digest((const uint8_t *)text, strlen(text), 7, expected);
}

Test(sha256, gives_the_digests_of_the_standard)
{
    expect_text("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_text("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

Test(sha256, gives_the_digest_of_a_million_letters)
{
    static uint8_t letters[1000000];
    memset(letters, 'a', sizeof letters);
    expect_digest(letters, sizeof letters, 997,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, test cases 1 and 2. */
Test(sha256, gives_the_codes_of_the_rfc)
{
    static const struct {
        const char *key, *data, *expected;
    } rows[] = {
        {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
         "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t mac[SHA256_LEN];
        char hex[65];
        sha256_hmac((const uint8_t *)rows[i].key, (uint8_t)strlen(rows[i].key),
                    (const uint8_t *)rows[i].data, (uint16_t)strlen(rows[i].data), mac);
        print_hex(mac, hex);
        cr_expect_str_eq(hex, rows[i].expected);
    }
}

Test(crc16_x25, gives_the_check_value_of_the_catalogue_in_pieces)
{
    const uint8_t *digits = (const uint8_t *)"123456789";
    const uint16_t half = crc16_x25_update(CRC16_X25_INIT, digits, 4);
    cr_expect_eq(crc16_x25_update(half, digits + 4, 5), 0x906E);
}
