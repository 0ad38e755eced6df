/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_folder.c - a path becomes an address. */
#include "reports/html_folder.h"

#include "reports/path_from.h"

#include <stdlib.h>
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

void html_file_address(struct html *html, const char *page_folder, const char *file)
{
    char *path = path_from(page_folder, file);
    html_raw(html, "%s", path[0] == '/' ? "file:///" : "./");
    print_path(html, path + strspn(path, "/"));
    free(path);
}

void html_folder_address(struct html *html, const char *page_folder, const char *folder)
{
    html_file_address(html, page_folder, folder);
    html_raw(html, "/");
}
