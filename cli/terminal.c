/* SPDX-License-Identifier: Apache-2.0 */
/* cli/terminal.c - what a terminal can do, and text from outside that must do nothing to it. */
#include "cli/cli.h"

#include "sim/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, FIRST_WIDE = 0x1100 };

bool cli_is_terminal(FILE *out)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(out)) && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

size_t cli_columns(FILE *out)
{
    struct winsize size;
    const bool known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col : COLUMNS_DEFAULT;
}

/* What is written for a character, and how many columns it takes at most. */
static size_t picture(char shown[static 12], const char *data, size_t len, size_t *used)
{
    const uint32_t c = utf8_decode(data, len, used);
    if (c < 0x20 || c == 0x7F) {
        return (size_t)snprintf(shown, 12, "\\x%02x", (unsigned)c);
    }
    if (c == UTF8_REPLACEMENT && *used == 1) {
        return (size_t)snprintf(shown, 12, "\\x%02x", (unsigned)(unsigned char)*data);
    }
    if (utf8_is_deceptive(c)) {
        return (size_t)snprintf(shown, 12, "<U+%04X>", (unsigned)c);
    }
    memcpy(shown, data, *used);
    shown[*used] = '\0';
    return c < FIRST_WIDE ? 1 : 2;
}

size_t cli_text_cut(FILE *out, const char *data, size_t columns_max)
{
    const size_t len = strlen(data);
    size_t columns = 0;
    size_t used = 0;
    for (size_t at = 0; at < len; at += used) {
        char shown[12];
        const size_t more = picture(shown, data + at, len - at, &used);
        if (columns + more > columns_max) {
            break;
        }
        fputs(shown, out);
        columns += more;
    }
    return columns;
}

void cli_text(FILE *out, const char *data)
{
    (void)cli_text_cut(out, data, SIZE_MAX);
}

void cli_text_padded(FILE *out, const char *data, size_t columns)
{
    const size_t used = cli_text_cut(out, data, SIZE_MAX);
    fprintf(out, "%*s", used < columns ? (int)(columns - used) : 0, "");
}

void cli_say(FILE *out, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    CHECK(vasprintf(&text, fmt, args) >= 0);
    va_end(args);
    cli_text(out, text);
    fputc('\n', out);
    free(text);
}

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+=:,./-";
    return word[0] != '\0' && strspn(word, plain) == strlen(word);
}

/* For a shell all that is in single quotes is itself; $'...' is for what no terminal may see. */
static bool is_printable(const char *word)
{
    const size_t len = strlen(word);
    size_t used = 0;
    for (size_t at = 0; at < len; at += used) {
        const uint32_t c = utf8_decode(word + at, len - at, &used);
        if (c < 0x20 || c == 0x7F || c == UTF8_REPLACEMENT || utf8_is_deceptive(c)) {
            return false;
        }
    }
    return true;
}

static void put_bytes(FILE *out, const char *word)
{
    fputs("$'", out);
    for (; *word != '\0'; word++) {
        const bool plain = *word >= ' ' && *word < 0x7F && *word != '\'' && *word != '\\';
        fprintf(out, plain ? "%c" : "\\%03o", plain ? *word : (unsigned char)*word);
    }
    fputc('\'', out);
}

void cli_shell_word(FILE *out, const char *word)
{
    if (is_plain(word)) {
        fputs(word, out);
        return;
    }
    if (!is_printable(word)) {
        put_bytes(out, word);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            fputs("'\\''", out);
        } else {
            fputc(*word, out);
        }
    }
    fputc('\'', out);
}
