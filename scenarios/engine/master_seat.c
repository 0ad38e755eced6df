/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/master_seat.c - lives of the master: begun and ended between two turns. */
#include "scenarios/engine/master_seat.h"

#include "guest/af_can/af_can.h"
#include "sim/can/can_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* More output than this is neither looked at nor kept. */
enum { OUTPUT_MAX_BYTES = 4 << 20 };
/* No master needs a file of this size; one that writes without end would fill the disk. */
enum { FILE_MAX_BYTES = 256 << 20 };
/* Real time for a loop without calls: nothing in the simulation can end it. */
#define ESCAPE_LIMIT_NS SIM_S(10)

void master_seat_init(struct master_seat *seat, const struct master_seat_cfg *cfg)
{
    *seat = (struct master_seat){.cfg = *cfg};
    seat->lives = calloc(MASTER_LIVES_MAX, sizeof *seat->lives);
    seat->next = calloc(1, sizeof *seat->next);
    seat->launch = calloc(1, sizeof *seat->launch);
    CHECK(seat->lives != NULL && seat->next != NULL && seat->launch != NULL);
}

bool master_seat_alive(const struct master_seat *seat)
{
    return seat->supervisor != NULL || seat->start_wanted;
}

struct master_life *master_seat_life(const struct master_seat *seat)
{
    return seat->lives_len > 0 ? &seat->lives[seat->lives_len - 1] : NULL;
}

/* Whichever of the two drives the simulation leaves it after this event. */
static void interrupt(struct master_seat *seat)
{
    if (seat->supervisor != NULL) {
        supervisor_stop(seat->supervisor);
    }
    sim_stop(seat->cfg.sim);
}

void master_seat_ask_start(struct master_seat *seat, const struct campaign *campaign)
{
    CHECK(!master_seat_alive(seat) && seat->lives_len < MASTER_LIVES_MAX);
    *seat->next = *campaign;
    seat->start_wanted = true;
    interrupt(seat);
}

void master_seat_set_job(struct master_seat *seat, const char *text, size_t len)
{
    CHECK(seat->start_wanted);
    free(seat->job);
    seat->job = malloc(len + 1);
    CHECK(seat->job != NULL);
    memcpy(seat->job, text, len);
    seat->job_len = len;
}

void master_seat_ask_cut(struct master_seat *seat, const struct guest_store_policy *loss)
{
    seat->cut_wanted = master_seat_alive(seat);
    seat->loss =
        loss != NULL ? *loss : (struct guest_store_policy){.keep = GUEST_STORE_KEEP_SYNCED};
    interrupt(seat);
}

void master_seat_pause(struct master_seat *seat)
{
    interrupt(seat);
}

void master_seat_stop(struct master_seat *seat)
{
    seat->turn_over = true;
    interrupt(seat);
}

static void output_path(const struct master_seat *seat, char *path, size_t size)
{
    snprintf(path, size, "%s/master-%zu.log", seat->cfg.folder, seat->lives_len);
}

/* What the present life wrote; the caller frees it. Null: nothing to be read. */
static char *read_output(const struct master_seat *seat, size_t *len)
{
    char path[ADAPTER_PATH_MAX + 32];
    output_path(seat, path, sizeof path);
    FILE *file = fopen(path, "r");
    char *text = file != NULL ? malloc(OUTPUT_MAX_BYTES) : NULL;
    *len = text != NULL ? fread(text, 1, OUTPUT_MAX_BYTES, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    if (*len == OUTPUT_MAX_BYTES) {
        (void)truncate(path, OUTPUT_MAX_BYTES);
    }
    return text;
}

static void hear_report(struct master_seat *seat, struct master_life *life)
{
    size_t len = 0;
    char *output = read_output(seat, &len);
    const struct adapter_ending ending = {.exited = life->end == MASTER_EXITED,
                                          .exit_code = life->exit_code,
                                          .output = output,
                                          .output_len = len};
    adapter_result(seat->cfg.adapter, seat->launch, &ending, &life->result);
    free(output);
}

static int end_life(struct master_seat *seat, enum master_life_end how, struct err *err)
{
    int code = 0;
    struct master_life *life = master_seat_life(seat);
    life->end = how;
    life->end_ns = seat->cfg.sim->now_ns;
    life->exit_code = supervisor_exit_code(seat->supervisor);
    life->calls = supervisor_calls(seat->supervisor);
    life->usage = supervisor_usage(seat->supervisor);
    supervisor_free(seat->supervisor);
    seat->supervisor = NULL;
    if (how == MASTER_CUT) {
        af_can_set_power(seat->cfg.can, false);
        if (seat->cfg.store != NULL) {
            code = guest_store_power_loss(seat->cfg.store, &seat->loss, life->end_ns, &life->lost,
                                          err);
        }
    } else {
        hear_report(seat, life);
    }
    if (seat->cfg.on_change != NULL) {
        seat->cfg.on_change(seat->cfg.ctx);
    }
    return code;
}

enum { STANDARD_FILES = 3 };

/* Standard output and error of what is started next, and nothing to be read from standard input;
 * *saved gets the present ones. */
static int redirect(const char *path, int saved[STANDARD_FILES], struct err *err)
{
    const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (out < 0 || in < 0) {
        const int why = errno;
        close(in);
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(why));
    }
    fflush(NULL);
    for (int i = 0; i < STANDARD_FILES; i++) {
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, STANDARD_FILES);
        dup2(i == STDIN_FILENO ? in : out, i);
    }
    close(in);
    close(out);
    return 0;
}

static void give_back(const int saved[STANDARD_FILES])
{
    for (int i = 0; i < STANDARD_FILES; i++) {
        dup2(saved[i], i);
        close(saved[i]);
    }
}

static void enter_environment(const struct adapter_launch *launch)
{
    for (size_t i = 0; launch->environment[i] != NULL; i++) {
        char name[ADAPTER_TEXT_MAX + 1];
        const char *pair = launch->environment[i];
        const size_t len = strcspn(pair, "=");
        memcpy(name, pair, len);
        name[len] = '\0';
        CHECK(pair[len] == '=' && setenv(name, &pair[len + 1], 1) == 0);
    }
}

/* Programs that are started between the two calls cannot write longer files. */
static struct rlimit limit_files(void)
{
    struct rlimit before;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct rlimit limit = before;
    limit.rlim_cur = limit.rlim_cur < FILE_MAX_BYTES ? limit.rlim_cur : FILE_MAX_BYTES;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    return before;
}

static int start_program(struct master_seat *seat, struct err *err)
{
    int saved[STANDARD_FILES] = {-1, -1, -1};
    char path[ADAPTER_PATH_MAX + 32];
    const int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    output_path(seat, path, sizeof path);
    int code = redirect(path, saved, err);
    if (code == 0) {
        if (chdir(seat->launch->working_folder) == 0) {
            enter_environment(seat->launch);
            const struct rlimit before = limit_files();
            code = supervisor_start(seat->supervisor, seat->launch->argv, err);
            CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
        } else {
            code = err_set(err, ERR_IO, "%s: the working folder of the master: %s",
                           seat->launch->working_folder, strerror(errno));
        }
        give_back(saved);
    }
    if (here >= 0) {
        CHECK(fchdir(here) == 0);
        close(here);
    }
    return code;
}

/* Over the job that the adapter has written. */
static int write_job(struct master_seat *seat, struct err *err)
{
    const char *path = seat->launch->job_path;
    bool good = true;
    if (seat->job != NULL && path[0] != '\0') {
        FILE *file = fopen(path, "w");
        good = file != NULL && fwrite(seat->job, 1, seat->job_len, file) == seat->job_len;
        good = file != NULL && fclose(file) == 0 && good;
    }
    free(seat->job);
    seat->job = NULL;
    return good ? 0 : err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static struct supervisor *make_supervisor(const struct master_seat *seat, struct err *err)
{
    const sim_ns_t now_ns = seat->cfg.sim->now_ns;
    return supervisor_new(
        &(struct supervisor_cfg){.sim = seat->cfg.sim,
                                 .can = seat->cfg.can,
                                 .store = seat->cfg.store,
                                 .preload_path = seat->cfg.preload_path,
                                 .epoch_ns =
                                     (uint64_t)CAN_LOG_EPOCH_S * 1000000000u - seat->cfg.past_ns,
                                 .booted_ns = now_ns,
                                 .wake_delay_ns = seat->wake_delay_ns,
                                 .escape_limit_ns = ESCAPE_LIMIT_NS,
                                 .seed = seat->cfg.seed + seat->lives_len},
        err);
}

static int start_life(struct master_seat *seat, struct err *err)
{
    const struct adapter_place place = {.folder = seat->cfg.folder, .programs = seat->cfg.programs};
    struct master_life *life = &seat->lives[seat->lives_len++];
    *life = (struct master_life){
        .begin_ns = seat->cfg.sim->now_ns, .end_ns = SIM_NEVER, .campaign = *seat->next};
    if (mkdir(life->campaign.state_folder, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", life->campaign.state_folder,
                       strerror(errno));
    }
    int code = adapter_start(seat->cfg.adapter, &life->campaign, &place, seat->launch, err);
    code = code == 0 ? write_job(seat, err) : code;
    if (code != 0) {
        return code;
    }
    af_can_set_power(seat->cfg.can, true);
    seat->supervisor = make_supervisor(seat, err);
    if (seat->supervisor == NULL) {
        return err->code;
    }
    code = start_program(seat, err);
    if (code == 0 && seat->cfg.on_change != NULL) {
        seat->cfg.on_change(seat->cfg.ctx);
    }
    return code;
}

/* The adapter's limit for a life, or the caller's. */
static sim_ns_t limit_ns(const struct master_seat *seat, sim_ns_t until_ns)
{
    const sim_ns_t begin_ns = master_seat_life(seat)->begin_ns;
    return sim_min_ns(begin_ns + seat->cfg.adapter->update_ns, until_ns);
}

static int run_life(struct master_seat *seat, sim_ns_t until_ns, struct err *err)
{
    const sim_ns_t limit = limit_ns(seat, until_ns);
    switch (supervisor_run(seat->supervisor, limit, err)) {
    case SUPERVISOR_EXITED: return end_life(seat, MASTER_EXITED, err);
    case SUPERVISOR_STUCK: return end_life(seat, MASTER_STUCK, err);
    case SUPERVISOR_TIME_UP: return limit < until_ns ? end_life(seat, MASTER_TIME_UP, err) : 0;
    case SUPERVISOR_STOPPED:
        if (!seat->cut_wanted && !seat->turn_over) {
            sim_run_until(seat->cfg.sim, seat->cfg.sim->now_ns); /* A pause. */
        }
        return 0;
    case SUPERVISOR_INTERRUPTED: return err_set(err, ERR_IO, "interrupted");
    case SUPERVISOR_FAILED: return err->code;
    }
    return 0;
}

int master_seat_run(struct master_seat *seat, sim_ns_t until_ns, struct err *err)
{
    int code = 0;
    seat->turn_over = false;
    while (code == 0 && !seat->turn_over && seat->cfg.sim->now_ns < until_ns) {
        if (seat->cut_wanted) {
            seat->cut_wanted = seat->start_wanted = false;
            if (seat->supervisor != NULL) {
                code = end_life(seat, MASTER_CUT, err);
            }
        } else if (seat->start_wanted) {
            seat->start_wanted = false;
            code = start_life(seat, err);
        } else if (seat->supervisor != NULL) {
            code = run_life(seat, until_ns, err);
        } else {
            sim_run_until(seat->cfg.sim, until_ns);
        }
    }
    return code;
}

void master_seat_release(struct master_seat *seat)
{
    supervisor_free(seat->supervisor);
    free(seat->lives);
    free(seat->next);
    free(seat->job);
    free(seat->launch);
    *seat = (struct master_seat){.supervisor = NULL};
}
