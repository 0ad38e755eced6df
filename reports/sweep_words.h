/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_words.h - what sweeps say, in Chinese. A sweep itself holds English alone: what is
 * not known here stays as it is. */
#ifndef REPORTS_SWEEP_WORDS_H
#define REPORTS_SWEEP_WORDS_H

/* Null: it is not known. */
const char *sweep_words_zh(const char *english);

#endif
