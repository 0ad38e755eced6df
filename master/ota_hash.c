/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_hash.c - libcrypto and zlib behind the few calls that the master makes. */
#include "master/ota_hash.h"

#include "sim/proto/proto.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* The context of libcrypto under the master's own name. */
static EVP_MD_CTX *context(struct ota_hash *hash)
{
    return (EVP_MD_CTX *)(void *)hash;
}

struct ota_hash *ota_hash_new(void)
{
    return (struct ota_hash *)(void *)EVP_MD_CTX_new();
}

void ota_hash_free(struct ota_hash *hash)
{
    EVP_MD_CTX_free(context(hash));
}

void ota_hash_start_sha1(struct ota_hash *hash)
{
    PROTO_CHECK(EVP_DigestInit_ex(context(hash), EVP_sha1(), NULL) == 1);
}

void ota_hash_start_sha256(struct ota_hash *hash)
{
    PROTO_CHECK(EVP_DigestInit_ex(context(hash), EVP_sha256(), NULL) == 1);
}

void ota_hash_update(struct ota_hash *hash, const void *data, size_t len_bytes)
{
    PROTO_CHECK(EVP_DigestUpdate(context(hash), data, len_bytes) == 1);
}

void ota_hash_finish(struct ota_hash *hash, uint8_t *digest)
{
    unsigned int len = 0;
    PROTO_CHECK(EVP_DigestFinal_ex(context(hash), digest, &len) == 1);
}

void ota_sha256(const void *data, size_t len_bytes, uint8_t digest[32])
{
    unsigned int len = 0;
    PROTO_CHECK(EVP_Digest(data, len_bytes, digest, &len, EVP_sha256(), NULL) == 1);
}

uint32_t ota_crc32(uint32_t crc, const void *data, size_t len_bytes)
{
    return (uint32_t)crc32_z(crc, data, len_bytes);
}

void ota_hex(const uint8_t *bytes, size_t len_bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len_bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15u];
    }
    text[2 * len_bytes] = '\0';
}

bool ota_unhex(const char *text, uint8_t *bytes, size_t len_bytes)
{
    if (strlen(text) != 2 * len_bytes || strspn(text, "0123456789abcdef") != 2 * len_bytes) {
        return false;
    }
    for (size_t i = 0; i < len_bytes; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}
