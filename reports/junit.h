/* SPDX-License-Identifier: Apache-2.0 */
/* reports/junit.h - a set of results as JUnit XML, for the test views of CI servers.
 *
 * There is no standard; this is what the schema of Jenkins, GitLab and GitHub's reporters have in
 * common: a suite for each group of each run, a test case for each play. Its name stays the same
 * from run to run, so that servers can tell its history: "FUN-01 PLAY: title" of class
 * "MASTER.GROUP". Where several runs have one master, the seed belongs to the class; where a run
 * has several seeds, to the name. "time" is real time; the virtual one is a property of the suite
 * and stands in system-out, with the command that replays the play. A play that is not applicable
 * is skipped.
 *
 * A sweep is a suite: a test case for each verdict that is not good, which fails if a point has
 * come to it, and one for the sweep being whole. Its numbers are properties. */
#ifndef REPORTS_JUNIT_H
#define REPORTS_JUNIT_H

#include "reports/result_set.h"

#include <stdio.h>

/* ERR_IO if the stream failed. */
int junit_print(const struct result_set *set, FILE *out, struct err *err);

#endif
