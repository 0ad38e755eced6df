/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_result.h - the result file: the one terminal report of a campaign, for whoever started
 * the master (docs/formats.md, "Result file"). */
#ifndef OTA_RESULT_H
#define OTA_RESULT_H

#include "master/ota_job.h"
#include "master/ota_master.h"

#define OTA_RESULT_FILE "result.json"

/* Takes the room that the report will need, so that a full disk cannot silence the master. Returns
 * 0 or a negative enum ota_error_code; the report is tried in any case. */
int ota_result_reserve(const struct ota_port *port, struct ota_error *error);
/* The report as JSON; the caller frees it. ended_at: date and time for people, empty if the caller
 * has none. Null: out of memory. */
char *ota_result_text(const struct ota_job *job, const struct ota_report *report,
                      const char *ended_at);
/* Replaces the result file as a whole. */
int ota_result_write(const struct ota_port *port, const char *text, struct ota_error *error);
/* A report of a campaign that was refused before there was a master for it. */
void ota_result_refuse(struct ota_report *report, const struct ota_trouble *trouble);

#endif
