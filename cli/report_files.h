/* SPDX-License-Identifier: Apache-2.0 */
/* cli/report_files.h - results as the files that a run leaves and `limphome report` writes. Each
 * returns 0, or a code and a message that names the file. */
#ifndef CLI_REPORT_FILES_H
#define CLI_REPORT_FILES_H

#include "reports/result_changes.h"
#include "reports/result_set.h"

/* The folder that a file lies in, "." or with "/" at its end. The caller frees it. */
char *report_files_folder(const char *path);
/* Folders of plays as they are in the set: see result_set_move(). */
int report_files_save_json(const char *path, const struct result_set *set, struct err *err);
int report_files_save_junit(const char *path, const struct result_set *set, struct err *err);
/* changes, title: see html_report.h. */
int report_files_save_html(const char *path, const struct result_set *set,
                           const struct result_changes *changes, const char *title,
                           struct err *err);
/* results.json, junit.xml and report.html in a folder: the two that people and servers read are
 * made of the one for programs, as `limphome report` would make them. */
int report_files_save_folder(const char *folder, const struct result_set *set, struct err *err);
/* Of a shard the results alone, results-I-of-N.json. Whole or not at all under its name: a part
 * that was ended half-way must not be taken for one. */
int report_files_save_part(const char *folder, const struct result_set *set, uint32_t shard,
                           uint32_t shards, struct err *err);
/* 3 if a case is in error or a sweep is not whole, else 1 if a case or a point of a sweep fails,
 * else 0. */
int report_files_exit_code(const struct result_set *set);

#endif
