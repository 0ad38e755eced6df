/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_folder.c - a path becomes an address. */
#include "reports/html_folder.h"

#include <string.h>

/* No other character can mean anything else than itself. */
static void print_path(struct html *html, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "/._-~";
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL) {
            html_raw(html, "%c", *path);
        } else {
            html_raw(html, "%%%02X", (unsigned)(unsigned char)*path);
        }
    }
}

/* The rest of the path below the folder. Null: it does not lie there. */
static const char *below(const char *path, const char *folder)
{
    const size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

void html_folder_address(struct html *html, const char *page_folder, const char *folder)
{
    const char *from = page_folder != NULL ? page_folder : "";
    const char *rest = from[0] != '\0' ? below(folder, from) : NULL;
    if (rest == NULL && folder[0] == '/') {
        html_raw(html, "file:///");
    } else {
        html_raw(html, "./");
    }
    if (rest == NULL) {
        rest = folder;
        for (const char *at = from; *at != '\0' && folder[0] != '/'; at += strspn(at, "/")) {
            at += strcspn(at, "/");
            html_raw(html, "../");
        }
    }
    print_path(html, rest + strspn(rest, "/"));
    html_raw(html, "/");
}
