/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_time.h - times as the page writes them. */
#ifndef REPORTS_HTML_TIME_H
#define REPORTS_HTML_TIME_H

#include "sim/base.h"

struct html_time {
    char text[48];
};

/* "1.234567 s": since the play began. */
struct html_time html_instant(sim_ns_t at_ns);
/* "15.300 ms": in the unit that suits it. */
struct html_time html_duration(sim_ns_t ns);
/* "+15.300 ms", "-15.300 ms" with a true minus, "0": as seen from an instant. */
struct html_time html_offset(sim_ns_t at_ns, sim_ns_t from_ns);
/* "1234567.25": microseconds, exact, without zeros that say nothing; for scripts. */
struct html_time html_us(sim_ns_t ns);
/* For an axis: 1, 2 or 5 times a power of ten nanoseconds, so that not many more than ten fit. */
sim_ns_t html_tick_ns(sim_ns_t span_ns);
/* "1.20 s": with as many digits as tell one tick from the next. */
struct html_time html_tick(sim_ns_t at_ns, sim_ns_t tick_ns);

#endif
