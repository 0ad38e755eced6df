/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_privacy.h - INV-10: keys and personal data in what a master leaves behind.
 *
 * A secret of bytes is searched for as hexadecimal digits of either case, together or byte by byte
 * with what people put between them (blank , : - _ . 0x \x), as a decimal number if it has four
 * bytes, and as it is if it has eight or more. A text is searched for as it is. */
#ifndef ENGINE_JUDGE_PRIVACY_H
#define ENGINE_JUDGE_PRIVACY_H

#include "scenarios/engine/judge_bus.h"

enum { JUDGE_SECRET_BYTES_MIN = 4, JUDGE_SECRET_BYTES_MAX = 64, JUDGE_SECRETS_MAX = 64 };

struct judge_secret {
    const char *what; /* "a key (27 02)"; kept by pointer. */
    uint8_t bytes[JUDGE_SECRET_BYTES_MAX];
    size_t len;
    bool text;
};

/* Zero it to initialise. */
struct judge_secrets {
    struct judge_secret items[JUDGE_SECRETS_MAX];
    size_t len;
};

/* Adds one that is not there yet. What could be found by chance is left out: fewer bytes than
 * JUDGE_SECRET_BYTES_MIN, or all of them equal. So is one more than there is room for. */
void judge_secrets_add(struct judge_secrets *secrets, const char *what, const void *bytes,
                       size_t len, bool text);
/* The keys that the master has sent on a bus. */
void judge_secrets_add_keys(struct judge_secrets *secrets, const struct judge_bus *bus);

/* Whether a text or file holds a secret, and at which byte. */
bool judge_secret_in(const struct judge_secret *secret, const char *text, size_t len_bytes,
                     size_t *at);

/* Findings of a file; one that is not there holds nothing. */
void judge_privacy_file(const struct judge_secrets *secrets, const char *path,
                        struct play_result *result);
/* Of all files of a folder and the folders in it; links are not followed. A folder that is not
 * there has none. */
void judge_privacy_folder(const struct judge_secrets *secrets, const char *folder,
                          struct play_result *result);

#endif
