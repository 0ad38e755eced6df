/* SPDX-License-Identifier: Apache-2.0 */
/* reports/path_from.c - both paths from the root, without what they share. */
#include "reports/path_from.h"

#include "sim/base.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Takes "." and ".." out of an absolute path, in place. */
static void normalize(char *path)
{
    char *end = path;
    for (const char *at = path; *at != '\0';) {
        at += strspn(at, "/");
        const size_t len = strcspn(at, "/");
        if (len == 2 && at[0] == '.' && at[1] == '.') {
            while (end > path && *--end != '/') {
            }
        } else if (len > 0 && !(len == 1 && at[0] == '.')) {
            *end++ = '/';
            memmove(end, at, len);
            end += len;
        }
        at += len;
    }
    *end = '\0';
}

/* From the root, "" for the root itself. Links are followed if the path is there. */
static char *absolute(const char *path)
{
    char here[PATH_MAX] = "";
    char *text = realpath(path, NULL);
    if (text == NULL) {
        const bool relative = path[0] != '/';
        CHECK(!relative || getcwd(here, sizeof here) != NULL);
        CHECK(asprintf(&text, "%s/%s", here, path) >= 0);
    }
    normalize(text);
    return text;
}

/* How much of both is the same folders. */
static size_t shared(const char *a, const char *b)
{
    size_t len = 0;
    for (size_t i = 0;; i++) {
        if ((a[i] == '/' || a[i] == '\0') && (b[i] == '/' || b[i] == '\0')) {
            len = i;
        }
        if (a[i] == '\0' || a[i] != b[i]) {
            return len;
        }
    }
}

char *path_from(const char *folder, const char *path)
{
    char *from = absolute(folder != NULL && folder[0] != '\0' ? folder : ".");
    char *to = absolute(path);
    const size_t len = shared(from, to);
    char *text = NULL;
    size_t text_len = 0;
    FILE *out = open_memstream(&text, &text_len);
    CHECK(out != NULL);
    if (path[0] == '/' && from[len] != '\0') {
        fputs(path, out);
    } else {
        const char *between = "";
        for (const char *at = &from[len]; *at != '\0'; at++) {
            fputs(*at == '/' ? between : "", out);
            fputs(*at == '/' ? ".." : "", out);
            between = "/";
        }
        fprintf(out, "%s%s", to[len] != '\0' ? between : "", &to[len + (to[len] == '/')]);
        fputs(from[len] == '\0' && to[len] == '\0' ? "." : "", out);
    }
    CHECK(fclose(out) == 0);
    free(from);
    free(to);
    return text;
}
