/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_hash.h - hashes of the master, from libcrypto and zlib: on purpose not the code that
 * the bootloader computes with, so that an error in one of them shows. */
#ifndef OTA_HASH_H
#define OTA_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OTA_HASH_MAX = 32 };

/* A hash in progress; null after a failed allocation. */
struct ota_hash;

struct ota_hash *ota_hash_new(void);
void ota_hash_free(struct ota_hash *hash);
void ota_hash_start_sha1(struct ota_hash *hash);
void ota_hash_start_sha256(struct ota_hash *hash);
void ota_hash_update(struct ota_hash *hash, const void *data, size_t len_bytes);
/* Writes 20 or 32 bytes. */
void ota_hash_finish(struct ota_hash *hash, uint8_t *digest);

/* CRC-32/ISO-HDLC, streaming; begins with 0. */
uint32_t ota_crc32(uint32_t crc, const void *data, size_t len_bytes);
void ota_sha256(const void *data, size_t len_bytes, uint8_t digest[32]);
void ota_hex(const uint8_t *bytes, size_t len_bytes, char *text);
/* The way back. False: not exactly that many bytes in lower-case digits. */
bool ota_unhex(const char *text, uint8_t *bytes, size_t len_bytes);

#endif
