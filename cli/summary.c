/* SPDX-License-Identifier: Apache-2.0 */
/* cli/summary.c - what came of an update, for people. */
#include "cli/cli.h"

#include <inttypes.h>
#include <string.h>

enum { LABEL = 14 };

static void label(FILE *out, const char *text)
{
    fprintf(out, "  %s%-*s%s", cli_on(out, CLI_DIM), LABEL, text, cli_off(out));
}

bool cli_as_wanted(const struct update_cfg *cfg, const struct update_result *result)
{
    return result->ended && result->faults_fired == cfg->faults_len &&
           (result->report.code == OTA_SUCCESS || result->report.code == OTA_UP_TO_DATE);
}

static void print_headline(FILE *out, const struct update_cfg *cfg, const struct update_result *r)
{
    bool good = cli_as_wanted(cfg, r);
    fprintf(out, "\n%s%s%s", cli_on(out, good ? CLI_GOOD : CLI_BAD),
            r->ended ? ota_result_name(r->report.code) : "NOT ENDED", cli_off(out));
    if (r->report.reason[0] != '\0') {
        fputs(": ", out);
        cli_text(out, r->report.reason);
    }
    fputc('\n', out);
}

static const char *state_text(enum ecu_run run)
{
    switch (run) {
    case ECU_OFF: return "is off";
    case ECU_IN_RESET: return "is in reset";
    case ECU_BOOTLOADER: return "runs its bootloader";
    case ECU_APPLICATION: return "runs its application";
    }
    return "is in no state";
}

static void print_versions(FILE *out, const struct update_result *r)
{
    label(out, "version");
    cli_text(out, r->version_before[0] != '\0' ? r->version_before : "none");
    fputs(" -> ", out);
    cli_text(out, r->report.version[0] != '\0' ? r->report.version : "not read");
    fprintf(out, ", flash %s the new image, ECU %s\n", r->image_matches ? "holds" : "does not hold",
            state_text(r->ecu.run));
}

static void print_phases(FILE *out, const struct update_result *r)
{
    char text[48];
    const char *head = "phases";
    for (int phase = 0; phase < OTA_PHASE_COUNT; phase++) {
        if (r->report.phase_ns[phase] == 0) {
            continue;
        }
        label(out, head);
        cli_print_duration(text, sizeof text, r->report.phase_ns[phase]);
        fprintf(out, "%-18s %16s\n", ota_phase_name((enum ota_phase)phase), text);
        head = "";
    }
}

static void print_bus(FILE *out, const struct update_cfg *cfg, const struct update_result *r)
{
    label(out, "bus");
    fprintf(out, "%" PRIu64 " frames, load %u.%u %%, %" PRIu64 " error frames\n", r->bus.frames,
            r->bus_load_permille / 10u, r->bus_load_permille % 10u, r->bus.error_frames);
    label(out, "requests");
    fprintf(out,
            "%u sent, %u resent, %u pending (78), %u busy (21), %u stray answers, "
            "long interruptions survived: %u\n",
            r->report.requests, r->report.resends, r->report.pendings, r->report.busies,
            r->report.strays, r->report.interruptions);
    label(out, "ECU");
    fprintf(out, "%u resets, %" PRIu64 " frames lost in its receive buffers\n", r->ecu_resets,
            r->ecu.frames_lost);
    if (cfg->faults_len > 0) {
        label(out, "faults");
        fprintf(out, "%u of %zu fired\n", r->faults_fired, cfg->faults_len);
    }
}

static void print_flash(FILE *out, const struct update_result *r)
{
    const char *head = "flash";
    for (unsigned code = 0; code < ARRAY_SIZE(r->flash_commands); code++) {
        if (r->flash_commands[code] > 0) {
            label(out, head);
            fprintf(out, "%8" PRIu64 "  %s\n", r->flash_commands[code],
                    s12x_command_name((uint8_t)code));
            head = "";
        }
    }
    label(out, "findings");
    if (r->findings_total == 0) {
        fprintf(out, "none\n");
    }
    head = NULL;
    for (int kind = 0; kind < S12X_FINDING_COUNT; kind++) {
        if (r->findings[kind] > 0) {
            if (head != NULL) {
                label(out, head);
            }
            fprintf(out, "%s%8" PRIu64 "  %s%s\n", cli_on(out, CLI_BAD), r->findings[kind],
                    s12x_finding_text((enum s12x_finding)kind), cli_off(out));
            head = "";
        }
    }
}

static void print_time(FILE *out, const struct update_result *r)
{
    char virtual_text[48];
    char wall_text[48];
    double ratio = r->wall_ns > 0 ? (double)r->virtual_ns / (double)r->wall_ns : 0.0;
    cli_print_duration(virtual_text, sizeof virtual_text, r->virtual_ns);
    cli_print_duration(wall_text, sizeof wall_text, r->wall_ns);
    label(out, "time");
    fprintf(out, "%s virtual in %s: %.0f x real time, %" PRIu64 " events\n", virtual_text,
            wall_text, ratio, r->events);
}

bool cli_all_faults_begun(const char *command, size_t begun, size_t ordered)
{
    if (begun < ordered) {
        fprintf(stderr,
                "limphome %s: %zu of %zu faults never began: the run did not come to the time or "
                "segment; change --cut or --brownout\n",
                command, ordered - begun, ordered);
    }
    return begun == ordered;
}

void cli_print_summary(FILE *out, const struct update_cfg *cfg, const struct update_result *result)
{
    print_headline(out, cfg, result);
    print_versions(out, result);
    print_phases(out, result);
    print_bus(out, cfg, result);
    print_flash(out, result);
    print_time(out, result);
    label(out, "run");
    fprintf(out, "seed %" PRIu64 ", digest %s\n", cfg->seed,
            result->digest.hex[0] != '\0' ? result->digest.hex : "not computed");
    if (cfg->trace_folder != NULL) {
        label(out, "traces");
        fprintf(out, "%s/: bus.log, bus.pcapng, events.log, state.json, flash images (.s19)\n",
                cfg->trace_folder);
    }
}
