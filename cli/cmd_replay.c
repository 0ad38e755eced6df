/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_replay.c - plays again what a run has left, and says whether it is the same. */
#include "cli/replay_prompt.h"
#include "cli/run_report.h"

#include "scenarios/engine/case_play.h"
#include "scenarios/engine/replay.h"
#include "scenarios/engine/trace_difference.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: limphome replay [OPTION...] FOLDER\n"
    "       limphome replay [OPTION...] RESULTS.json#CASE[/PLAY][@SEED]\n\n"
    "Plays again, bit for bit, what `limphome run --out` has left, with all traces, and says "
    "whether\n"
    "the digest is equal. The folder of a play can be taken to another machine: all but the "
    "master's\n"
    "program is in it (docs/replay.md).\n\n"
    "  FOLDER              of a play: replay.json is in it\n"
    "  --master FILE.json  another adapter, where the master is not where it was\n"
    "  --out FOLDER        plays in this folder, which is empty or not there, and keeps it\n"
    "  --until TIME        stops at this instant (2s, 1500ms) and takes commands from standard "
    "input;\n"
    "                      help lists them\n"
    "  --break CRITERION   likewise, where this criterion was violated\n"
    "  --gdb               with one of them: gdb at the master at once\n\n"
    "Exit code: 0 the digest is equal, or the play was ended at a stop; 1 the digest differs, or "
    "the\n"
    "folder is not whole; 2 wrong use; 3 something cannot be read or written.\n";

enum option_id { OPT_MASTER = 256, OPT_OUT, OPT_UNTIL, OPT_BREAK, OPT_GDB, OPT_HELP };

static const struct option options[] = {
    {"master", required_argument, NULL, OPT_MASTER},
    {"out", required_argument, NULL, OPT_OUT},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"break", required_argument, NULL, OPT_BREAK},
    {"gdb", no_argument, NULL, OPT_GDB},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    const char *master, *out;
    const char *criterion; /* Where to stop. Null: not there. */
    sim_ns_t until_ns;     /* Likewise. SIM_NEVER: not there. */
    bool gdb;
    bool help;
};

static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_MASTER: return cli_parse_path(value, &a->master);
    case OPT_OUT: return cli_parse_path(value, &a->out);
    case OPT_UNTIL:
        return cli_parse_duration(value, &a->until_ns) ? NULL : "must be like 2s, 1500ms or 30us";
    case OPT_BREAK: a->criterion = value; return NULL;
    case OPT_GDB: a->gdb = true; return NULL;
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_replay_syntax = {"replay", help, "", options, take};

static int is_play(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "replay") != 0 &&
           strcmp(entry->d_name, "state") != 0;
}

/* Of several plays of a case which: the message lists them. */
static int say_which(const char *folder, struct err *err)
{
    struct dirent **entries = NULL;
    char names[200] = "";
    const int len = scandir(folder, &entries, is_play, alphasort);
    for (int i = 0; i < len; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.60s", used > 0 ? ", " : "",
                 entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return err_set(err, ERR_NOT_FOUND, "%.100s: which of its plays? There are %s", folder, names);
}

static bool is_there(const char *folder, const char *name)
{
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* The folder of a case that has several. */
static bool holds_plays(const char *folder)
{
    struct dirent **entries = NULL;
    bool any = false;
    const int len = is_there(folder, "replay.json") ? 0 : scandir(folder, &entries, is_play, NULL);
    for (int i = 0; i < len; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/replay.json", entries[i]->d_name);
        any = any || is_there(folder, path);
        free(entries[i]);
    }
    free(entries);
    return any;
}

/* RESULTS.json#CASE[/PLAY][@SEED] as the folder in which `limphome run --out` has put it. */
static int folder_of_play(const char *results, const char *hash, char *folder, size_t size,
                          struct err *err)
{
    char place[512];
    char seed[32] = "";
    snprintf(place, sizeof place, "%s", hash + 1);
    char *at = strchr(place, '@');
    if (at != NULL) {
        snprintf(seed, sizeof seed, "/seed-%.20s", at + 1);
        *at = '\0';
    }
    if (place[0] == '\0' || place[0] == '/' || strstr(place, "..") != NULL ||
        strchr(seed + 1, '/') != NULL) {
        return err_set(err, ERR_USAGE,
                       "\"%s\" names no case; it is RESULTS.json#CASE[/PLAY][@SEED]", hash);
    }
    const char *slash = memrchr(results, '/', (size_t)(hash - results));
    const int len = slash != NULL ? (int)(slash - results) : 1;
    const char *base = slash != NULL ? results : ".";
    snprintf(folder, size, "%.*s/%s%s", len, base, place, seed);
    if (seed[0] != '\0' && access(folder, F_OK) != 0) { /* A run with one seed names none. */
        snprintf(folder, size, "%.*s/%s", len, base, place);
    }
    if (access(folder, F_OK) != 0) {
        return err_set(err, ERR_NOT_FOUND,
                       "%.200s: is not there; the folders of the plays lie beside results.json",
                       folder);
    }
    return is_there(folder, "replay.json") ? 0 : say_which(folder, err);
}

static int find_folder(const char *what, char *folder, size_t size, struct err *err)
{
    const char *hash = strrchr(what, '#');
    if (hash != NULL && access(what, F_OK) != 0) {
        return folder_of_play(what, hash, folder, size, err);
    }
    snprintf(folder, size, "%s", what);
    if (is_there(folder, "results.json") && !is_there(folder, "replay.json")) {
        return err_set(err, ERR_USAGE,
                       "%.200s: holds a whole run; name the folder of one of its plays", folder);
    }
    if (holds_plays(folder)) {
        return say_which(folder, err);
    }
    if (is_there(folder, "bus.log") && !is_there(folder, "replay.json")) {
        return err_set(
            err, ERR_UNSUPPORTED,
            "%.200s: is a trace without replay.json, such as `limphome exec` and `limphome "
            "update` leave: no play of a case; give the same command and --seed again",
            folder);
    }
    return 0;
}

/* An empty folder, absolute. What the caller has there already is not ours to remove. */
static int make_folder(const char *out, char *path, size_t size, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    if (out == NULL) {
        snprintf(path, size, "%s/limphome-replay-XXXXXX", temporary != NULL ? temporary : "/tmp");
        return mkdtemp(path) != NULL
                   ? 0
                   : err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    if (mkdir(out, 0755) != 0 && (errno != EEXIST || rmdir(out) != 0 || mkdir(out, 0755) != 0)) {
        return err_set(err, ERR_IO, "%s: cannot be made, or is not empty: %s", out,
                       strerror(errno));
    }
    char *plain = realpath(out, NULL);
    CHECK(plain != NULL);
    const bool fits = strlen(plain) < size;
    snprintf(path, size, "%s", plain);
    free(plain);
    return fits ? 0 : err_set(err, ERR_RANGE, "%s: its path is too long", out);
}

/* Before it is tried. */
static void say_what_changed(const struct replay *replay)
{
    const struct replay_change *change = &replay->change;
    if (change->version) {
        cli_say(stdout, "played by limphome %s, and this is %s: another version may play otherwise",
                replay->file.version, LIMPHOME_VERSION);
    }
    if (change->adapter) {
        cli_say(stdout, "with another adapter: %s", replay->adapter.path);
    }
    if (change->program[0] != '\0') {
        cli_say(stdout, "the master is not the same as then: %s is another file", change->program);
    }
    fflush(stdout);
}

static void print_play(const struct replay *replay, const struct play_result *play)
{
    struct run_report report;
    const struct case_file *file = &replay->scenario;
    struct play_result shown = *play;
    struct case_result one = {.id = strdup(file->id),
                              .title = strdup(file->title),
                              .verdict = play->verdict,
                              .plays = &shown,
                              .plays_len = 1};
    run_report_init(&report, &(struct run_report_cfg){.out = stdout});
    run_report_case(&report, &one);
    free(one.id);
    free(one.title);
}

static const char *likely_reason(const struct replay_change *change)
{
    if (change->adapter) {
        return "the adapter is another one";
    }
    if (change->program[0] != '\0') {
        return "the master's program is another one";
    }
    return change->version ? "this is another version of limphome"
                           : "something that is not in the folder: the environment of the master, "
                             "a library or a file that it reads";
}

static int compare(const struct replay *replay, const char *folder, const struct play_result *play)
{
    const struct play_result *before = &replay->file.play;
    char text[400];
    if (before->digest[0] == '\0') {
        cli_say(stdout, "there is no digest to compare: the play was ended (%s)", before->error);
        return CLI_NOT_AS_WANTED;
    }
    if (strcmp(before->digest, play->digest) == 0) {
        printf("the same, bit for bit: digest %s\n", play->digest);
        return CLI_OK;
    }
    cli_say(stdout, "not the same: digest %s, and it was %s", play->digest, before->digest);
    printf("likely because %s\n", likely_reason(&replay->change));
    if (is_there(replay->folder, "events.log")) {
        trace_difference(replay->folder, folder, text, sizeof text);
        cli_say(stdout, "%s", text);
    }
    return CLI_NOT_AS_WANTED;
}

/* The first instant at which the play that left the folder violated the criterion. SIM_NEVER: its
 * end. */
static int find_break(const struct replay *replay, const char *criterion, sim_ns_t *at_ns,
                      struct err *err)
{
    const struct play_result *play = &replay->file.play;
    char names[160] = "";
    bool found = false;
    *at_ns = SIM_NEVER;
    for (size_t i = 0; i < play->findings_len; i++) {
        const struct finding *finding = &play->findings[i];
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.60s", used > 0 ? ", " : "",
                 finding->criterion);
        if (strcmp(finding->criterion, criterion) == 0) {
            *at_ns = sim_min_ns(*at_ns, finding->at_ns);
            found = true;
        }
    }
    return found ? 0
                 : err_set(err, ERR_NOT_FOUND, "the play did not violate \"%.60s\"; it violated %s",
                           criterion, names[0] != '\0' ? names : "nothing");
}

static bool wants_stop(const struct arguments *a)
{
    return a->criterion != NULL || a->until_ns != SIM_NEVER;
}

static int where_to_stop(const struct arguments *a, const struct replay *replay,
                         struct case_stop *stop, struct err *err)
{
    stop->at_ns = a->until_ns;
    return a->criterion != NULL ? find_break(replay, a->criterion, &stop->at_ns, err) : 0;
}

/* What was stopped and given up has neither verdict nor digest. */
static int finish(const struct replay *replay, const struct replay_prompt *prompt,
                  const char *folder, const struct play_result *play)
{
    if (prompt->quit && play->verdict != VERDICT_ERROR) {
        char at[32];
        prompt_instant(at, prompt->quit_ns);
        printf("ended at %s: no verdict\n", at);
        return CLI_OK;
    }
    print_play(replay, play);
    return compare(replay, folder, play);
}

static int play_again(const struct arguments *a, const struct replay *replay, const char *folder,
                      struct replay_prompt *prompt, const struct case_stop *stop)
{
    char preload[4096];
    char vehicles[4096];
    struct play_result play = {.verdict = VERDICT_PASS};
    struct case_world_cfg cfg = {.preload_path = cli_find_preload(preload, sizeof preload),
                                 .vehicles = cli_find_shared("vehicles", vehicles, sizeof vehicles),
                                 .folder = folder,
                                 .stop = wants_stop(a) ? stop : NULL,
                                 .keep_trace = true,
                                 .keep_timeline = true};
    replay_world(replay, &cfg);
    say_what_changed(replay);
    case_play(&cfg, &play);
    const int rc = finish(replay, prompt, folder, &play);
    play_result_release(&play);
    return rc;
}

static int replay_folder(const struct arguments *a, const char *what)
{
    char from[4200];
    char folder[CASE_PATH_MAX];
    struct err err = {.code = 0};
    struct replay *replay = calloc(1, sizeof *replay);
    struct replay_prompt *prompt = calloc(1, sizeof *prompt);
    CHECK(replay != NULL && prompt != NULL);
    *prompt =
        (struct replay_prompt){.in = stdin, .out = stdout, .wants_gdb = a->gdb, .folder = folder};
    struct case_stop stop = {
        .begin = replay_prompt_begin, .look = replay_prompt_look, .ctx = prompt};
    int code = find_folder(what, from, sizeof from, &err);
    if (code == 0) {
        const struct replay_cfg cfg = {
            .folder = from, .version = LIMPHOME_VERSION, .master = a->master};
        code = replay_open(replay, &cfg, &err);
    }
    code = code == 0 ? where_to_stop(a, replay, &stop, &err) : code;
    code = code == 0 ? make_folder(a->out, folder, sizeof folder, &err) : code;
    const int rc = code == 0 ? play_again(a, replay, folder, prompt, &stop) : cli_error(&err);
    if (code == 0 && a->out == NULL && rc == CLI_OK && !prompt->quit) {
        case_play_remove(folder);
    } else if (code == 0) {
        printf("%s\n", folder);
    }
    free(prompt);
    replay_release(replay);
    free(replay);
    return rc;
}

int cli_replay(int argc, char **argv)
{
    struct arguments a = {.until_ns = SIM_NEVER};
    const int rc = cli_take_options(&cli_replay_syntax, &a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    if (argc - optind != 1) {
        return cli_usage_error("replay", "it takes one play: FOLDER, or "
                                         "RESULTS.json#CASE[/PLAY][@SEED]");
    }
    if (a.gdb && !wants_stop(&a)) {
        return cli_usage_error("replay", "--gdb needs --until TIME or --break CRITERION");
    }
    if (a.criterion != NULL && a.until_ns != SIM_NEVER) {
        return cli_usage_error("replay", "--until and --break exclude each other");
    }
    return replay_folder(&a, argv[optind]);
}
