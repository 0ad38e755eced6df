/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_update.c - limphome update: the main job. */
#include "cli/cli.h"

static const char help[] =
    "usage: limphome update --image NEW.s19 [OPTION...]\n"
    "\n"
    "Lets the reference master update the first ECU of a simulated vehicle, in virtual time.\n"
    "\n"
    "  --vehicle FILE.json   vehicle file (docs/formats.md); else the built-in vehicle, the same\n"
    "                        as vehicles/single.json with an application of version 1.0.0\n"
    "  --from OLD.s19        what the ECU leaves its line with, and the master can roll back to;\n"
    "                        else as the vehicle file says\n"
    "  --image NEW.s19       what it is to become\n"
    "  --version V           the version that it shall answer then; else that of the image's "
    "header\n"
    "  --style block|s19-line\n"
    "                        style of the transfer; else as the vehicle file says\n"
    "  --check sha1|crc32|sum8\n"
    "                        check of a segment, likewise\n"
    "  --timing typ|min|max  duration of flash commands, likewise\n"
    "  --seed N              seed of all randomness (default 1)\n"
    "  --cut AT[:DURATION]   no supply from AT on, for DURATION (default 1s): --cut 3s:500ms\n"
    "  --brownout WHAT       low supply: segment=2,at=50%,level=3600mV,for=1500ms[,ramp=20ms],\n"
    "                        or time=3s in place of segment and at; at most 8 faults in all\n"
    "  --trace FOLDER        write bus.log, bus.pcapng, events.log, state.json, flash images\n"
    "  --no-digest           do not compute the digest that identifies the run (a little faster)\n"
    "  --quiet               say nothing unless it fails\n"
    "\n"
    "Exit code: 0 if the ECU runs the new version (or did before) and each fault has happened,\n"
    "1 if not, or if what a file says is wrong, 2 for wrong use, 3 if a file cannot be read or\n"
    "written.\n";

enum option_id {
    OPT_VEHICLE = 256,
    OPT_FROM,
    OPT_IMAGE,
    OPT_VERSION,
    OPT_STYLE,
    OPT_CHECK,
    OPT_TIMING,
    OPT_SEED,
    OPT_CUT,
    OPT_BROWNOUT,
    OPT_TRACE,
    OPT_NO_DIGEST,
    OPT_QUIET,
    OPT_HELP
};

static const struct option options[] = {
    {"vehicle", required_argument, NULL, OPT_VEHICLE},
    {"from", required_argument, NULL, OPT_FROM},
    {"image", required_argument, NULL, OPT_IMAGE},
    {"version", required_argument, NULL, OPT_VERSION},
    {"style", required_argument, NULL, OPT_STYLE},
    {"check", required_argument, NULL, OPT_CHECK},
    {"timing", required_argument, NULL, OPT_TIMING},
    {"seed", required_argument, NULL, OPT_SEED},
    {"cut", required_argument, NULL, OPT_CUT},
    {"brownout", required_argument, NULL, OPT_BROWNOUT},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"no-digest", no_argument, NULL, OPT_NO_DIGEST},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char *const styles[] = {"block", "s19-line", NULL};
static const char *const checks[] = {"sha1", "crc32", "sum8", NULL};
static const char *const timings[] = {"typ", "min", "max", NULL};

struct arguments {
    struct update_cfg cfg;
    struct cli_faults faults;
    bool quiet;
    bool help;
};

static const char *take_choice(const char *text, const char *const *choices, const char *why,
                               int *value)
{
    *value = cli_parse_choice(text, choices);
    return *value >= 0 ? NULL : why;
}

static const char *take_version(struct arguments *a, const char *text)
{
    char ignored[BOOT_HEADER_TEXT + 1];
    a->cfg.version = text;
    return cli_parse_header_text(text, ignored);
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    struct vehicle_overrides *vehicle = &a->cfg.vehicle;
    switch (option) {
    case OPT_VEHICLE: return cli_parse_path(value, &a->cfg.vehicle_path);
    case OPT_FROM: return cli_parse_path(value, &a->cfg.old_image);
    case OPT_IMAGE: return cli_parse_path(value, &a->cfg.new_image);
    case OPT_VERSION: return take_version(a, value);
    case OPT_STYLE:
        return take_choice(value, styles, "must be block or s19-line", &vehicle->transfer);
    case OPT_CHECK:
        return take_choice(value, checks, "must be sha1, crc32 or sum8", &vehicle->check);
    case OPT_TIMING:
        return take_choice(value, timings, "must be typ, min or max", &vehicle->flash_timing);
    case OPT_SEED: return cli_parse_seed(value, &a->cfg.seed);
    case OPT_CUT: return cli_take_fault(&a->faults, value, cli_parse_cut);
    case OPT_BROWNOUT: return cli_take_fault(&a->faults, value, cli_parse_brownout);
    case OPT_TRACE: return cli_parse_path(value, &a->cfg.trace_folder);
    case OPT_NO_DIGEST: a->cfg.digest = false; return NULL;
    case OPT_QUIET: a->quiet = true; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_update_syntax = {"update", help, "", options, take};

static int parse(struct arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_update_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    if (optind < argc) {
        return cli_usage_error("update", "\"%s\" belongs to no option", argv[optind]);
    }
    if (a->cfg.new_image == NULL) {
        return cli_usage_error("update", "--image is needed");
    }
    return CLI_OK;
}

int cli_update(int argc, char **argv)
{
    struct arguments a = {.quiet = false};
    struct update_result result;
    struct cli_progress progress;
    struct err err = {.code = 0};

    update_cfg_init(&a.cfg);
    a.cfg.seed = 1;
    a.cfg.digest = true;
    a.cfg.faults = a.faults.faults;
    int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    a.cfg.faults_len = a.faults.len;
    cli_progress_init(&progress, stdout);
    if (!a.quiet) {
        a.cfg.on_progress = cli_progress_show;
        a.cfg.ctx = &progress;
    }
    rc = update_run(&a.cfg, &result, &err);
    cli_progress_end(&progress);
    if (rc != 0) {
        return cli_error(&err);
    }
    bool good = cli_as_wanted(&a.cfg, &result);
    if (!a.quiet || !good) {
        cli_print_summary(a.quiet ? stderr : stdout, &a.cfg, &result);
    }
    good = cli_all_faults_begun("update", result.faults_fired, a.faults.len) && good;
    return good ? CLI_OK : CLI_NOT_AS_WANTED;
}
