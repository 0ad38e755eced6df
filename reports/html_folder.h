/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_folder.h - the folder of a play, or a file, as the page links to it. */
#ifndef REPORTS_HTML_FOLDER_H
#define REPORTS_HTML_FOLDER_H

#include "reports/html_writer.h"

/* The address of a folder, with a "/" at its end, as the value of an attribute. page_folder is
 * where the page will lie; both are seen from here; null: here. It names a place below or beside
 * the page, or of this machine: never another host, never a script. */
void html_folder_address(struct html *html, const char *page_folder, const char *folder);
/* The same of a file: without a "/" at its end. */
void html_file_address(struct html *html, const char *page_folder, const char *file);

#endif
