/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/store_rig.c - a machine with a disk. */
#include "tests/guest/store/store_rig.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD LIMPHOME_BINARY_DIR "/bin/liblimphome-clock.so"
#define DISK    LIMPHOME_BINARY_DIR "/tests/guest/store/disk "

enum { WORDS_MAX = 256 };

static void on_op(void *ctx, struct guest_store_op *op, enum guest_store_when when)
{
    static const char marks[] = "<=>";
    struct rig *rig = ctx;
    size_t len = strlen(rig->ops);
    snprintf(rig->ops + len, sizeof rig->ops - len, "%c%llu %s %s%s%s %llu+%llu%s\n", marks[when],
             (unsigned long long)op->number, guest_store_kind_name(op->kind), op->path,
             op->to ? " " : "", op->to ? op->to : "", (unsigned long long)op->offset,
             (unsigned long long)op->bytes, op->error ? " fails" : "");
    if (op->number == rig->stop_at && op->number > 0) {
        op->middle_bytes = when == GUEST_STORE_BEFORE ? rig->middle_bytes : op->middle_bytes;
        if (when == rig->stop_when) {
            supervisor_stop(rig->master);
        }
    }
}

void rig_open(struct rig *rig, const struct guest_store_cfg *cfg)
{
    struct err err = {0};
    *rig = (struct rig){.folder = "/tmp/limphome-store-XXXXXX"};
    cr_assert_not_null(mkdtemp(rig->folder));
    rig->cfg = cfg ? *cfg : (struct guest_store_cfg){.seed = 1};
    rig->cfg.folders[0] = rig->folder;
    rig->cfg.hook = on_op;
    rig->cfg.ctx = rig;
    rig->store = guest_store_new(&rig->cfg, &err);
    cr_assert_not_null(rig->store, "%s", err.text);
    sim_init(&rig->sim, &(struct sim_cfg){.seed = 1});
}

void rig_close(struct rig *rig)
{
    char command[128];
    rig_kill(rig);
    guest_store_free(rig->store);
    sim_release(&rig->sim);
    snprintf(command, sizeof command, "rm -r %s", rig->folder);
    cr_assert_eq(system(command), 0);
}

static void split(char *text, char **words)
{
    size_t len = 0;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        cr_assert_lt(len, WORDS_MAX - 1);
        words[len++] = word;
    }
    words[len] = NULL;
}

static int open_output(void)
{
    return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static void take_output(struct rig *rig, int fd)
{
    ssize_t n = pread(fd, rig->output, sizeof rig->output - 1, 0);
    rig->output[n > 0 ? n : 0] = '\0';
}

/* The guest's standard output and working folder are those of its first moment. */
static void launch(struct rig *rig, char **words)
{
    struct err err = {0};
    struct supervisor_cfg cfg = {.sim = &rig->sim,
                                 .store = rig->store,
                                 .preload_path = PRELOAD,
                                 .booted_ns = rig->sim.now_ns,
                                 .ends_if_stuck = true};
    int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(chdir(rig->folder), 0);
    rig->master = supervisor_new(&cfg, &err);
    cr_assert(rig->master && supervisor_start(rig->master, words, &err) == 0, "%s", err.text);
    cr_assert_eq(fchdir(home), 0);
    close(home);
}

enum supervisor_end rig_go_on(struct rig *rig)
{
    struct err err = {0};
    enum supervisor_end end = supervisor_run(rig->master, rig->sim.now_ns + SIM_S(1000), &err);
    cr_assert_neq(end, SUPERVISOR_FAILED, "%s", err.text);
    return end;
}

enum supervisor_end rig_start(struct rig *rig, const char *command)
{
    char *words[WORDS_MAX];
    char text[4096];
    snprintf(text, sizeof text, "%s", command);
    split(text, words);
    int own = dup(STDOUT_FILENO);
    int output = open_output();
    fflush(stdout);
    dup2(output, STDOUT_FILENO);
    launch(rig, words);
    dup2(own, STDOUT_FILENO);
    enum supervisor_end end = rig_go_on(rig);
    take_output(rig, output);
    close(output);
    close(own);
    return end;
}

void rig_kill(struct rig *rig)
{
    supervisor_free(rig->master);
    rig->master = NULL;
}

enum supervisor_end rig_run(struct rig *rig, const char *command)
{
    enum supervisor_end end = rig_start(rig, command);
    rig_kill(rig);
    return end;
}

/* Each line begins with the instant. */
static void drop_instants(char *text)
{
    char *to = text;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *rest = strchr(line, ' ');
        size_t len = rest ? strlen(rest + 1) : 0;
        memmove(to, rest ? rest + 1 : line, len);
        to += len;
        *to++ = ';';
    }
    *to = '\0';
}

const char *rig_disk(struct rig *rig, const char *commands)
{
    char command[4096];
    snprintf(command, sizeof command, DISK "%s", commands);
    rig_run(rig, command);
    drop_instants(rig->output);
    return rig->output;
}

struct guest_store_loss rig_power_loss(struct rig *rig, enum guest_store_keep keep)
{
    struct err err = {0};
    struct guest_store_loss loss;
    struct guest_store_policy policy = {.keep = keep};
    int code = guest_store_power_loss(rig->store, &policy, rig->sim.now_ns, &loss, &err);
    cr_assert_eq(code, 0, "%s", err.text);
    return loss;
}

const char *rig_tree(struct rig *rig, char *text, size_t size)
{
    char command[256];
    snprintf(command, sizeof command,
             "cd %s && find . -mindepth 1 -printf '%%p %%y %%m ' -type l -printf '%%l\\n' -o "
             "-mindepth 1 -type d -printf '\\n' -o -type f -exec md5sum {} \\; | LC_ALL=C sort",
             rig->folder);
    FILE *pipe = popen(command, "re");
    size_t len = fread(text, 1, size - 1, pipe);
    text[len] = '\0';
    pclose(pipe);
    return text;
}

const char *rig_content(struct rig *rig, const char *path)
{
    static char text[4096];
    char full[4096];
    snprintf(full, sizeof full, "%s/%s", rig->folder, path);
    FILE *file = fopen(full, "re");
    size_t len = 0;
    int before = EOF;
    unsigned long count = 0;
    text[0] = '\0';
    for (int c = file ? getc(file) : EOF; file; c = getc(file)) {
        if (c != before && before != EOF && len < sizeof text - 32) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%c%lu", len ? " " : "",
                                    before ? before : '0', count);
            count = 0;
        }
        if (c == EOF) {
            break;
        }
        count++;
        before = c;
    }
    if (file) {
        fclose(file);
    }
    return file ? text : "-";
}
