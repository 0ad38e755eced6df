/* SPDX-License-Identifier: Apache-2.0 */
/* reports/html_time.c - times as the page writes them. */
#include "reports/html_time.h"

#include <inttypes.h>
#include <stdio.h>

struct html_time html_instant(sim_ns_t at_ns)
{
    struct html_time time;
    snprintf(time.text, sizeof time.text, "%" PRIu64 ".%06" PRIu64 " s", at_ns / SIM_S(1),
             at_ns % SIM_S(1) / 1000);
    return time;
}

static void print_in_unit(struct html_time *time, const char *sign, sim_ns_t ns)
{
    static const struct {
        sim_ns_t ns;
        const char *name;
    } units[] = {{SIM_S(1), "s"}, {SIM_MS(1), "ms"}, {SIM_US(1), "\xC2\xB5s"}};
    size_t i = 0;
    while (i + 1 < ARRAY_SIZE(units) && ns < units[i].ns) {
        i++;
    }
    snprintf(time->text, sizeof time->text, "%s%" PRIu64 ".%03" PRIu64 " %s", sign,
             ns / units[i].ns, ns % units[i].ns / (units[i].ns / 1000), units[i].name);
}

struct html_time html_duration(sim_ns_t ns)
{
    struct html_time time;
    print_in_unit(&time, "", ns);
    return time;
}

struct html_time html_offset(sim_ns_t at_ns, sim_ns_t from_ns)
{
    struct html_time time = {"0"};
    if (at_ns > from_ns) {
        print_in_unit(&time, "+", at_ns - from_ns);
    } else if (at_ns < from_ns) {
        print_in_unit(&time, "\xE2\x88\x92", from_ns - at_ns);
    }
    return time;
}

struct html_time html_us(sim_ns_t ns)
{
    struct html_time time;
    int len = snprintf(time.text, sizeof time.text, "%" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
    while (time.text[len - 1] == '0') {
        len--;
    }
    if (time.text[len - 1] == '.') {
        len--;
    }
    time.text[len] = '\0';
    return time;
}

sim_ns_t html_tick_ns(sim_ns_t span_ns)
{
    static const unsigned factors[] = {2, 5, 10};
    for (sim_ns_t tick_ns = 1;; tick_ns *= factors[2]) {
        if (span_ns / tick_ns <= 11) {
            return tick_ns;
        }
        for (size_t i = 0; i < 2; i++) {
            if (span_ns / (tick_ns * factors[i]) <= 11) {
                return tick_ns * factors[i];
            }
        }
    }
}

struct html_time html_tick(sim_ns_t at_ns, sim_ns_t tick_ns)
{
    struct html_time time;
    int digits = 0;
    for (sim_ns_t unit_ns = SIM_S(1); unit_ns > tick_ns && digits < 6; unit_ns /= 10) {
        digits++;
    }
    snprintf(time.text, sizeof time.text, "%.*f s", digits, (double)at_ns / (double)SIM_S(1));
    return time;
}
