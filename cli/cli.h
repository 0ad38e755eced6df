/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cli.h - the command limphome: subcommands, and what they share. */
#ifndef CLI_H
#define CLI_H

#include "scenarios/engine/update_run.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

enum cli_exit {
    CLI_OK = 0,
    CLI_NOT_AS_WANTED = 1, /* The update, a fault, or what a file says is not as wanted. */
    CLI_USAGE = 2,         /* Wrong use of the command. */
    CLI_ENVIRONMENT = 3,   /* A file cannot be read or written; memory. */
};

/* argv[0] is the name of the subcommand. */
int cli_update(int argc, char **argv);
int cli_up(int argc, char **argv);
int cli_exec(int argc, char **argv);
int cli_explore(int argc, char **argv);
int cli_image(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_init_master(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_prove(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_version(int argc, char **argv);
int cli_help(int argc, char **argv);

/* Says what is wrong and how to learn more; returns CLI_USAGE. */
int cli_usage_error(const char *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* After getopt_long() has said what is wrong: how to learn more; returns CLI_USAGE. */
int cli_usage_hint(const char *command);
/* What an error means to the caller of the program: the one table of it. */
int cli_exit_code(int err_code);
/* Prints an error; returns its exit code. */
int cli_error(const struct err *err);

/* How a command is used: its help, and how its options are read. This and the table of commands are
 * all that help, manual pages and shell completion are made of (cli/manual.h says how the help is
 * written). take has the command's own struct; it returns null, or what is wrong with the value, as
 * the functions below do. */
struct cli_syntax {
    const char *command;
    const char *help;
    const char *short_options; /* As getopt_long() has them. */
    const struct option *options;
    const char *(*take)(void *arguments, int option, const char *value);
};
/* Leaves optind at what belongs to no option. CLI_OK, or CLI_USAGE after a message. */
int cli_take_options(const struct cli_syntax *syntax, void *arguments, int argc, char **argv);
/* Of commands that have no option but --help: arguments is a bool. */
extern const struct option cli_help_only[];
const char *cli_take_help(void *arguments, int option, const char *value);

extern const struct cli_syntax cli_update_syntax, cli_up_syntax, cli_exec_syntax, cli_image_syntax,
    cli_check_syntax, cli_init_master_syntax, cli_list_syntax, cli_run_syntax, cli_prove_syntax,
    cli_replay_syntax, cli_report_syntax, cli_explore_syntax, cli_doctor_syntax, cli_version_syntax,
    cli_help_syntax;

struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
    const struct cli_syntax *syntax;
};
/* The table (main.c), in the order of the help. */
extern const struct cli_command cli_commands[];
extern const size_t cli_commands_len;
/* Null: there is none of this name. */
const struct cli_command *cli_find_command(const char *name);
void cli_print_help(FILE *out);

/* Values of options (options.c). */
/* A whole number, decimal or 0x. False: the text is none, or greater than max. */
bool cli_parse_u64(const char *text, uint64_t max, uint64_t *value);
/* "1500ms", "2s", "30us", "7ns", at most 11 days. False: the text is none. */
bool cli_parse_duration(const char *text, sim_ns_t *ns);
/* The next return null, or what is wrong and what is accepted. */
/* Any number of 64 bits. */
const char *cli_parse_seed(const char *text, uint64_t *seed);
/* "2/4": the second of four. */
const char *cli_parse_shard(const char *text, uint32_t *shard, uint32_t *shards);
/* "AT[:DURATION]". */
const char *cli_parse_cut(const char *text, struct update_fault *fault);
/* "segment=2,at=50%,level=3600mV,for=1500ms" or "time=3s,level=...,for=..."; ramp=20ms. */
const char *cli_parse_brownout(const char *text, struct update_fault *fault);
/* The same without segment and at: for programs whose progress nobody can see. */
const char *cli_parse_timed_brownout(const char *text, struct update_fault *fault);
/* Faults as they are given one after the other. */
struct cli_faults {
    struct update_fault faults[UPDATE_FAULTS_MAX];
    size_t len;
};
const char *cli_take_fault(struct cli_faults *faults, const char *text,
                           const char *(*parse)(const char *, struct update_fault *));
const char *cli_parse_path(const char *text, const char **path);
/* 1 to BOOT_HEADER_TEXT printable characters: what an image header can hold. */
const char *cli_parse_header_text(const char *text, char to[BOOT_HEADER_TEXT + 1]);
/* The index of text in a null-terminated list, -1 if it is not there. */
int cli_parse_choice(const char *text, const char *const *choices);

/* Files that come with the program (places.c). Null: not there. */
const char *cli_find_preload(char *path, size_t size);
/* "scenarios", "vehicles", "masters/reference.json". */
const char *cli_find_shared(const char *name, char *path, size_t size);

/* --- Terminal (terminal.c). --- */
/* It can move in a line: a terminal, and not TERM=dumb. */
bool cli_is_terminal(FILE *out);
/* Its width; 80 if that cannot be told. */
size_t cli_columns(FILE *out);
/* Text from outside: of a file, a master, a case, an ECU. It may be anything and comes out on its
 * line, visible and without effect: control characters and bytes that are no UTF-8 as \x1b, what
 * turns the direction of text as <U+202E>. */
void cli_text(FILE *out, const char *data);
/* The same, as far as it fits; returns how many columns it took. */
size_t cli_text_cut(FILE *out, const char *data, size_t columns_max);
/* The same, and blanks up to so many columns. */
void cli_text_padded(FILE *out, const char *data, size_t columns);
/* A line of it; only what ends the line is the format's own. */
void cli_say(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A word of a command to copy, quoted as a shell needs it. */
void cli_shell_word(FILE *out, const char *word);

/* Colours (style.c). */
enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_GOOD, CLI_BAD };
/* Escape sequences, or nothing where they do not belong: out is no terminal, or NO_COLOR is set.
 * CLICOLOR_FORCE wants them in any file. */
const char *cli_on(FILE *out, enum cli_style style);
const char *cli_off(FILE *out);
/* A duration in a unit that suits it, "2 min 30.123 s". */
void cli_print_duration(char *text, size_t cap, sim_ns_t ns);

/* --- Progress (progress.c): one line that rewrites itself on a terminal, else a line for each
 * phase and each tenth. --- */
struct cli_progress {
    FILE *out;
    bool terminal;
    bool shown; /* A line stands there unfinished. */
    bool any;
    struct ota_progress last;
    unsigned last_percent;
};
void cli_progress_init(struct cli_progress *progress, FILE *out);
void cli_progress_show(void *ctx, const struct ota_progress *at, sim_ns_t now_ns);
void cli_progress_end(struct cli_progress *progress);

/* Summary (summary.c). */
/* The new version runs, and every fault that was ordered has happened. */
bool cli_as_wanted(const struct update_cfg *cfg, const struct update_result *result);
/* An injection that never happened has tested nothing. False, and said why, if one has not. */
bool cli_all_faults_begun(const char *command, size_t begun, size_t ordered);
void cli_print_summary(FILE *out, const struct update_cfg *cfg, const struct update_result *result);

#endif
