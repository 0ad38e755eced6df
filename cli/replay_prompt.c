/* SPDX-License-Identifier: Apache-2.0 */
/* cli/replay_prompt.c - stops, reads commands, and goes on. */
#include "cli/replay_prompt.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 4096 };

void prompt_instant(char text[static 32], sim_ns_t at_ns)
{
    snprintf(text, 32, "%" PRIu64 ".%09" PRIu64 " s", at_ns / 1000000000u, at_ns % 1000000000u);
}

static void on_op(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns)
{
    struct prompt_ecu *ecu = ctx;
    if (event == ECU_BOOK_TORN && ecu->torn_len < PROMPT_TORN_MAX) {
        ecu->torn[ecu->torn_len++] =
            (struct prompt_torn){.address = op->address, .at_ns = now_ns, .op = *op};
    }
    if (event != ECU_BOOK_DONE || !ecu_book_op_erases(op)) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < ecu->torn_len; i++) {
        if (!ecu_book_op_touches(op, ecu->torn[i].address)) {
            ecu->torn[kept++] = ecu->torn[i];
        }
    }
    ecu->torn_len = kept;
}

void replay_prompt_begin(void *ctx, struct case_world *world)
{
    struct replay_prompt *prompt = ctx;
    for (size_t i = 0; i < world->ecus_len; i++) {
        struct prompt_ecu *ecu = &prompt->ecus[i];
        *ecu = (struct prompt_ecu){.listener = {.on_op = on_op, .ctx = ecu}};
        ecu_book_listen(&world->ecus[i].book, &ecu->listener);
    }
}

static enum prompt_next step(struct replay_prompt *prompt, char *rest)
{
    sim_ns_t ns;
    if (!cli_parse_duration(rest, &ns)) {
        fprintf(prompt->out, "step takes a duration such as 1500ms, 2s or 30us\n");
        return PROMPT_STAY;
    }
    prompt->next_ns = prompt->world->sim.now_ns + ns;
    return PROMPT_GO;
}

static enum prompt_next go(struct replay_prompt *prompt, char *rest)
{
    (void)rest;
    prompt->next_ns = SIM_NEVER;
    return PROMPT_GO;
}

static enum prompt_next quit(struct replay_prompt *prompt, char *rest)
{
    (void)prompt;
    (void)rest;
    return PROMPT_QUIT;
}

static prompt_fn help;

static const struct prompt_command {
    const char *name, *operands;
    prompt_fn *run;
    const char *text;
} commands[] = {
    {"state", "", prompt_state, "time, ECUs, master, scenario and injections"},
    {"bus", "[N]", prompt_bus, "the last N diagnostic messages; 10 without a number"},
    {"flash", "ECU ADDRESS LENGTH", prompt_flash,
     "what the cells of its flash hold; torn is marked"},
    {"ecu", "NAME", prompt_ecu, "one ECU closely"},
    {"master", "", prompt_master, "the master's threads, and what each waits for"},
    {"lua", "EXPRESSION", prompt_lua, "a value, by the reading functions of scenarios"},
    {"step", "TIME", step, "goes on for so long (1500ms, 2s) and stops again"},
    {"go", "", go, "goes on to the end, and compares the digest"},
    {"gdb", "[ARGUMENTS]", prompt_gdb, "starts gdb at the master, which stands still meanwhile"},
    {"shell", "[COMMAND]", prompt_shell, "starts a shell in the folder of the play"},
    {"quit", "", quit, "ends the play here"},
    {"help", "", help, "this list"},
};

static enum prompt_next help(struct replay_prompt *prompt, char *rest)
{
    (void)rest;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        fprintf(prompt->out, "  %-6s %-19s %s\n", commands[i].name, commands[i].operands,
                commands[i].text);
    }
    return PROMPT_STAY;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static enum prompt_next run_line(struct replay_prompt *prompt, char *line)
{
    char *name = trim(line);
    const size_t len = strcspn(name, " \t");
    char *rest = trim(name + len);
    name[len] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run(prompt, rest);
        }
    }
    if (name[0] != '\0') {
        fprintf(prompt->out, "there is no command \"%.40s\"; help lists them\n", name);
    }
    return PROMPT_STAY;
}

/* Until a command leads on. The end of the input quits. */
static enum prompt_next ask(struct replay_prompt *prompt)
{
    char line[LINE_BYTES];
    const bool terminal = isatty(fileno(prompt->in));
    enum prompt_next next = PROMPT_STAY;
    while (next == PROMPT_STAY) {
        if (terminal) {
            fprintf(prompt->out, "limphome> ");
        }
        fflush(prompt->out);
        if (fgets(line, sizeof line, prompt->in) == NULL) {
            fputs(terminal ? "\n" : "", prompt->out);
            return PROMPT_QUIT;
        }
        next = run_line(prompt, line);
    }
    return next;
}

/* Files in the folder as of now. */
static void save(struct replay_prompt *prompt)
{
    struct case_world *world = prompt->world;
    struct err err = {.code = 0};
    run_trace_flush(world->files);
    if (run_trace_save_state(world->files, world->vehicle, world->sim.now_ns, &err) != 0) {
        fprintf(prompt->out, "%s\n", err.text);
    }
}

bool replay_prompt_look(void *ctx, struct case_world *world, bool over, sim_ns_t *at_ns)
{
    char now[32];
    struct replay_prompt *prompt = ctx;
    enum prompt_next next = PROMPT_STAY;
    prompt->world = world;
    prompt->over = over;
    prompt_instant(now, world->sim.now_ns);
    fprintf(prompt->out, "stopped at %s%s\n", now, over ? ": the play is over" : "");
    save(prompt);
    if (!prompt->stopped) {
        fprintf(prompt->out, "bus.log, events.log, state.json and flash images of now: %s\n",
                prompt->folder);
    }
    if (prompt->wants_gdb) {
        char none[1] = "";
        prompt->wants_gdb = false;
        next = prompt_gdb(prompt, none);
    }
    prompt->stopped = true;
    next = next == PROMPT_STAY ? ask(prompt) : next;
    prompt->quit = next == PROMPT_QUIT;
    prompt->quit_ns = world->sim.now_ns;
    *at_ns = prompt->next_ns;
    return !prompt->quit;
}
