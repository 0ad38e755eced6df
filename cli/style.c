/* SPDX-License-Identifier: Apache-2.0 */
/* cli/style.c - colours where they belong, and durations that people can read. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

/* no-color.org; CLICOLOR_FORCE is for those who keep the colours of a pipe. */
static bool coloured(FILE *out)
{
    const char *force = getenv("CLICOLOR_FORCE");
    const bool forced = force != NULL && force[0] != '\0' && strcmp(force, "0") != 0;
    return !is_set("NO_COLOR") && (forced || cli_is_terminal(out));
}

const char *cli_on(FILE *out, enum cli_style style)
{
    static const char *const sequences[] = {"", "\033[1m", "\033[2m", "\033[1;32m", "\033[1;31m"};
    return coloured(out) ? sequences[style] : "";
}

const char *cli_off(FILE *out)
{
    return coloured(out) ? "\033[0m" : "";
}

void cli_print_duration(char *text, size_t cap, sim_ns_t ns)
{
    double s = (double)ns / 1e9;
    if (ns >= SIM_S(60)) {
        uint64_t minutes = ns / SIM_S(60);
        snprintf(text, cap, "%" PRIu64 " min %06.3f s", minutes, s - 60.0 * (double)minutes);
    } else if (ns >= SIM_S(1)) {
        snprintf(text, cap, "%.3f s", s);
    } else if (ns >= SIM_MS(1)) {
        snprintf(text, cap, "%.3f ms", s * 1e3);
    } else {
        snprintf(text, cap, "%.3f us", s * 1e6);
    }
}
