/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/judge_privacy.c - searches output and state of a master for secrets. */
#include "scenarios/engine/judge_privacy.h"

#include "scenarios/engine/judge_finding.h"
#include "sim/proto/proto.h"
#include "sim/proto/uds.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum {
    FILE_BYTES_MAX = 8 * 1024 * 1024, /* More of one file is not looked at. */
    FOLDERS_DEEP = 8,
    RAW_BYTES_MIN = 8, /* Fewer stand in any image by chance. */
    KEY_AT = 2
};

static bool all_equal(const uint8_t *bytes, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        if (bytes[i] != bytes[0]) {
            return false;
        }
    }
    return true;
}

void judge_secrets_add(struct judge_secrets *secrets, const char *what, const void *bytes,
                       size_t len, bool text)
{
    if (len < JUDGE_SECRET_BYTES_MIN || len > JUDGE_SECRET_BYTES_MAX || all_equal(bytes, len) ||
        secrets->len == JUDGE_SECRETS_MAX) {
        return;
    }
    for (size_t i = 0; i < secrets->len; i++) {
        if (secrets->items[i].len == len && memcmp(secrets->items[i].bytes, bytes, len) == 0) {
            return;
        }
    }
    struct judge_secret *secret = &secrets->items[secrets->len++];
    *secret = (struct judge_secret){.what = what, .len = len, .text = text};
    memcpy(secret->bytes, bytes, len);
}

void judge_secrets_add_keys(struct judge_secrets *secrets, const struct judge_bus *bus)
{
    for (size_t i = 0; i < bus->log->messages_len; i++) {
        const struct bus_message *message = &bus->log->messages[i];
        const bool even = (message->uds.sub & 1u) == 0 && message->uds.sub != 0;
        if (judge_bus_is_masters(bus, message) && message->uds.service == UDS_SECURITY_ACCESS &&
            even && message->data_len > KEY_AT) {
            judge_secrets_add(secrets, "a key (27, even)",
                              bus_log_bytes(bus->log, message) + KEY_AT, message->data_len - KEY_AT,
                              false);
        }
    }
}

/* Spellings. */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* What may stand between the digits of two bytes: ", 0x", ":", "\x". */
static size_t skip_between(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] != '\0' && strchr(" ,:-_.\t;", text[at]) != NULL && at < 3) {
        at++;
    }
    if (at + 1 < len && (text[at] == '0' || text[at] == '\\') &&
        (text[at + 1] == 'x' || text[at + 1] == 'X')) {
        at += 2;
    }
    return at;
}

static bool spelt_in_hex(const struct judge_secret *secret, const char *text, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < secret->len; i++) {
        at += i == 0 ? 0 : skip_between(text + at, len - at);
        if (at + 2 > len || digit(text[at]) != secret->bytes[i] >> 4 ||
            digit(text[at + 1]) != (secret->bytes[i] & 0x0F)) {
            return false;
        }
        at += 2;
    }
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of its own, not a part of a longer one. */
static bool stands_alone(const char *text, size_t len, size_t at, size_t word_len)
{
    return (at == 0 || !is_digit(text[at - 1])) &&
           (at + word_len == len || !is_digit(text[at + word_len]));
}

static bool spelt_at(const struct judge_secret *secret, const char *decimal, const char *text,
                     size_t len, size_t at)
{
    const size_t left = len - at;
    const size_t decimal_len = strlen(decimal);
    const bool as_it_is = secret->text || secret->len >= RAW_BYTES_MIN;
    if (as_it_is && left >= secret->len) {
        const int differ = secret->text
                               ? strncasecmp(text + at, (const char *)secret->bytes, secret->len)
                               : memcmp(text + at, secret->bytes, secret->len);
        if (differ == 0) {
            return true;
        }
    }
    if (decimal_len != 0 && left >= decimal_len && memcmp(text + at, decimal, decimal_len) == 0 &&
        stands_alone(text, len, at, decimal_len)) {
        return true;
    }
    return digit(text[at]) == secret->bytes[0] >> 4 && spelt_in_hex(secret, text + at, left);
}

/* Which characters a spelling may begin with: what tells most places from most secrets. */
static void find_beginnings(const struct judge_secret *secret, const char *decimal,
                            bool begins[UCHAR_MAX + 1])
{
    const bool as_it_is = secret->text || secret->len >= RAW_BYTES_MIN;
    for (int c = 0; c <= UCHAR_MAX; c++) {
        begins[c] = digit((char)c) == secret->bytes[0] >> 4 ||
                    (decimal[0] != '\0' && c == decimal[0]) ||
                    (as_it_is && tolower(c) == tolower(secret->bytes[0]));
    }
}

bool judge_secret_in(const struct judge_secret *secret, const char *text, size_t len_bytes,
                     size_t *at)
{
    char decimal[16] = "";
    bool begins[UCHAR_MAX + 1];
    if (secret->len == 4 && !secret->text && secret->bytes[0] != 0) {
        (void)snprintf(decimal, sizeof decimal, "%u", (unsigned)proto_get_u32(secret->bytes));
    }
    find_beginnings(secret, decimal, begins);
    for (size_t i = 0; i < len_bytes; i++) {
        if (begins[(unsigned char)text[i]] && spelt_at(secret, decimal, text, len_bytes, i)) {
            *at = i;
            return true;
        }
    }
    return false;
}

static void judge_text(const struct judge_secrets *secrets, const char *name, const char *text,
                       size_t len_bytes, struct play_result *result)
{
    for (size_t i = 0; i < secrets->len; i++) {
        size_t at;
        if (judge_secret_in(&secrets->items[i], text, len_bytes, &at)) {
            judge_find(result, 10, SIM_NEVER, 0,
                       "no key and no personal data in output, reports and state",
                       "%s: %s at byte "
                       "%zu",
                       name, secrets->items[i].what, at);
        }
    }
}

void judge_privacy_file(const struct judge_secrets *secrets, const char *path,
                        struct play_result *result)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return;
    }
    char *text = malloc(FILE_BYTES_MAX);
    CHECK(text != NULL);
    const size_t len = fread(text, 1, FILE_BYTES_MAX, file);
    judge_text(secrets, path, text, len, result);
    free(text);
    (void)fclose(file);
}

static void search_folder(const struct judge_secrets *secrets, const char *folder, unsigned deep,
                          struct play_result *result)
{
    struct dirent **entries;
    const int len = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < len; i++) {
        char path[4096];
        struct stat info;
        const char *name = entries[i]->d_name;
        const int path_len = snprintf(path, sizeof path, "%s/%s", folder, name);
        if (path_len < (int)sizeof path && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            lstat(path, &info) == 0) {
            if (S_ISREG(info.st_mode)) {
                judge_privacy_file(secrets, path, result);
            } else if (S_ISDIR(info.st_mode) && deep < FOLDERS_DEEP) {
                search_folder(secrets, path, deep + 1, result);
            }
        }
        free(entries[i]);
    }
    if (len >= 0) {
        free(entries);
    }
}

void judge_privacy_folder(const struct judge_secrets *secrets, const char *folder,
                          struct play_result *result)
{
    if (secrets->len != 0) {
        search_folder(secrets, folder, 0, result);
    }
}
