/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_algorithms.h - keys of seeds, for the rows of security levels. They
 * protect nothing: they exist so that masters have something to get wrong. A port links those that
 * its levels name.
 *
 * The secret is the level's, or the four bytes of cfg->security_secret where it has none. */
#ifndef BOOT_ALGORITHMS_H
#define BOOT_ALGORITHMS_H

#include "sim/ecus/bootloader/boot_personality.h"

boot_key_fn boot_key_shift_xor;   /* 32 bits, 35 rounds: docs/formats.md, "Seed and key". */
boot_key_fn boot_key_xor;         /* Byte by byte; the secret is repeated. */
boot_key_fn boot_key_add;         /* Of two numbers of the seed's length; the carry is lost. */
boot_key_fn boot_key_complement;  /* All bits of the seed inverted. */
boot_key_fn boot_key_crc32;       /* Over seed, then secret; 4 bytes. */
boot_key_fn boot_key_sha256;      /* First bytes of the digest over secret, then seed. */
boot_key_fn boot_key_hmac_sha256; /* First bytes of the code over the seed (RFC 2104). */
boot_key_fn boot_key_hook;        /* What cfg->hook answers to the level's name. */

#endif
