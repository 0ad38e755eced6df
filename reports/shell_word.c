/* SPDX-License-Identifier: Apache-2.0 */
/* reports/shell_word.c - quotes a word for bash, zsh and ksh; plain quotes wherever they do. */
#include "reports/shell_word.h"

#include "sim/base.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";

static bool is_printable(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7F;
}

static bool all_printable(const char *word)
{
    while (*word != '\0' && is_printable(*word)) {
        word++;
    }
    return *word == '\0';
}

static void quote(FILE *out, const char *word)
{
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        fputs(*word == '\'' ? "'\\'" : "", out);
        fputc(*word, out);
    }
    fputc('\'', out);
}

static void escape(FILE *out, const char *word)
{
    fputs("$'", out);
    for (; *word != '\0'; word++) {
        if (!is_printable(*word)) {
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)*word);
        } else {
            fputs(*word == '\'' || *word == '\\' ? "\\" : "", out);
            fputc(*word, out);
        }
    }
    fputc('\'', out);
}

char *shell_word(const char *path)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    CHECK(out != NULL);
    fputs(path[0] == '-' ? "./" : "", out);
    if (path[0] != '\0' && strspn(path, plain) == strlen(path)) {
        fputs(path, out);
    } else if (all_printable(path)) {
        quote(out, path);
    } else {
        escape(out, path);
    }
    CHECK(fclose(out) == 0);
    return text;
}
