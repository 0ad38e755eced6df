/* SPDX-License-Identifier: Apache-2.0 */
/* reports/shell_word.h - any bytes as one word of a command line that somebody copies. */
#ifndef REPORTS_SHELL_WORD_H
#define REPORTS_SHELL_WORD_H

/* As it stands, in '...', or in $'...' what no terminal should be given as it is: pasted, it is the
 * same bytes. Printable ASCII only. A path that begins with "-" gets "./" before it. The caller
 * frees it. */
char *shell_word(const char *path);

#endif
