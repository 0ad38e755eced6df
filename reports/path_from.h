/* SPDX-License-Identifier: Apache-2.0 */
/* reports/path_from.h - a path as it is seen from another folder: what a file that lies there calls
 * it. */
#ifndef REPORTS_PATH_FROM_H
#define REPORTS_PATH_FROM_H

/* Both as seen from here; neither has to be there. folder: null or empty: here. A path that is
 * absolute stays so, unless it lies below the folder: then both can be moved together. The caller
 * frees it. */
char *path_from(const char *folder, const char *path);

#endif
