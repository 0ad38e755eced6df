/* SPDX-License-Identifier: Apache-2.0 */
/* cli/replay_prompt.h - commands for a play that stands still: what it looks like inside. */
#ifndef CLI_REPLAY_PROMPT_H
#define CLI_REPLAY_PROMPT_H

#include "cli/cli.h"
#include "scenarios/engine/case_stop.h"
#include "scenarios/engine/case_world.h"

enum { PROMPT_TORN_MAX = 64 };

/* A flash operation that was cut and that no erase has mended. */
struct prompt_torn {
    uint32_t address;
    sim_ns_t at_ns;
    struct s12x_op op;
};

/* Follows the flash of one ECU. */
struct prompt_ecu {
    struct ecu_book_listener listener;
    struct prompt_torn torn[PROMPT_TORN_MAX];
    size_t torn_len;
};

struct replay_prompt {
    FILE *in, *out;
    bool wants_gdb; /* At the first stop, before anything is asked. */
    bool stopped;   /* It has been at least once. */
    bool quit;      /* The play was given up. */
    sim_ns_t quit_ns;
    const char *folder; /* Of the play. */
    struct case_world *world;
    bool over;                                /* At the end of the play. */
    sim_ns_t next_ns;                         /* Where to stop next. */
    struct prompt_ecu ecus[VEHICLE_ECUS_MAX]; /* As those of the world. */
};

/* For struct case_stop; ctx is the prompt. */
void replay_prompt_begin(void *ctx, struct case_world *world);
bool replay_prompt_look(void *ctx, struct case_world *world, bool over, sim_ns_t *at_ns);

/* What a command leads to. */
enum prompt_next { PROMPT_STAY, PROMPT_GO, PROMPT_QUIT };
/* rest: what follows the name of the command, without blanks around it. */
typedef enum prompt_next prompt_fn(struct replay_prompt *prompt, char *rest);
/* Looking (replay_prompt_look.c). */
prompt_fn prompt_state, prompt_bus, prompt_flash, prompt_ecu, prompt_master, prompt_lua;
/* Other programs (replay_prompt_run.c). */
prompt_fn prompt_gdb, prompt_shell;
/* "3.250000000 s" */
void prompt_instant(char text[static 32], sim_ns_t at_ns);

#endif
