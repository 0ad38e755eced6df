/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_journal.c - the file of a journal: whose it is, and its end. */
#include "scenarios/explore/explore_journal.h"

#include "scenarios/engine/wall_clock.h"
#include "scenarios/explore/explore_journal_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAVE_EVERY_NS UINT64_C(1000000000)

static int io_error(const char *path, const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "%s: cannot be %s: %s", path, what, strerror(errno));
}

/* Held by this process alone: what it forks does not inherit it, so it ends with the process; or
 * with the first descriptor of the file that it closes, so there is but one. */
static int lock(const struct explore_journal *journal, struct err *err)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(journal->fd, F_SETLK, &all) == 0) {
        return 0;
    }
    return errno == EACCES || errno == EAGAIN
               ? err_set(err, ERR_CONFLICT,
                         "%s: another sweep is writing to it; give another "
                         "folder, or wait for its end",
                         journal->path)
               : io_error(journal->path, "locked", err);
}

static int write_line(struct explore_journal *journal, const char *line, struct err *err)
{
    size_t left = strlen(line);
    while (left > 0) {
        const ssize_t done = write(journal->fd, line, left);
        if (done < 0 && errno != EINTR) {
            return io_error(journal->path, "written", err);
        }
        line += done > 0 ? done : 0;
        left -= done > 0 ? (size_t)done : 0;
    }
    journal->dirty = true;
    return 0;
}

static int save(struct explore_journal *journal, struct err *err)
{
    if (journal->dirty && fdatasync(journal->fd) != 0) {
        return io_error(journal->path, "written", err);
    }
    journal->dirty = false;
    journal->saved_ns = wall_clock_ns();
    return 0;
}

/* Where reading stands. */
struct reading {
    FILE *in; /* The journal's. */
    char *line;
    size_t line_cap;
    off_t good; /* So many bytes are whole lines that were understood. */
};

/* False: the file is at its end, or its last line is torn. */
static bool next_line(struct reading *reading, size_t *len)
{
    const ssize_t got = getline(&reading->line, &reading->line_cap, reading->in);
    *len = got > 0 ? (size_t)got : 0;
    if (got <= 0 || reading->line[got - 1] != '\n') {
        return false;
    }
    reading->line[got - 1] = '\0';
    return strlen(reading->line) == (size_t)got - 1;
}

/* *fresh: there is nothing, or but the beginning of the header that this sweep would write. */
static int read_header(const struct explore_journal *journal, struct reading *reading,
                       const char *header, bool *fresh, struct err *err)
{
    size_t len = 0;
    if (next_line(reading, &len)) {
        reading->good = (off_t)len;
        return explore_journal_line_compare(journal->path, reading->line, header, err);
    }
    *fresh = len < strlen(header) && (len == 0 || memcmp(reading->line, header, len) == 0);
    return *fresh ? 0
                  : err_set(err, ERR_SYNTAX,
                            "%s: is no journal of a sweep; give another folder, "
                            "or remove it",
                            journal->path);
}

static void read_units(struct reading *reading, struct explore_sum *sum)
{
    struct explore_done unit;
    struct explore_tally tally;
    size_t len = 0;
    while (next_line(reading, &len) &&
           explore_journal_line_read(reading->line, sum, &unit, &tally)) {
        explore_sum_add(sum, &unit);
        free(unit.states);
        reading->good += (off_t)len;
    }
}

static int read_all(struct explore_journal *journal, const char *header, struct explore_sum *sum,
                    struct err *err)
{
    struct reading reading = {.in = journal->file};
    bool fresh = false;
    int rc = read_header(journal, &reading, header, &fresh, err);
    if (rc == 0 && !fresh) {
        read_units(&reading, sum);
    }
    if (rc == 0 && ferror(reading.in)) {
        rc = io_error(journal->path, "read", err);
    }
    if (rc == 0 && (ftruncate(journal->fd, reading.good) != 0 ||
                    lseek(journal->fd, reading.good, SEEK_SET) < 0)) {
        rc = io_error(journal->path, "written", err);
    }
    free(reading.line);
    return rc == 0 && fresh ? write_line(journal, header, err) : rc;
}

int explore_journal_open(struct explore_journal *journal, const char *path, struct explore_sum *sum,
                         struct err *err)
{
    *journal = (struct explore_journal){.path = path};
    journal->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    journal->file = journal->fd >= 0 ? fdopen(journal->fd, "r") : NULL;
    if (journal->file == NULL) {
        return io_error(path, "written", err);
    }
    char *header = explore_journal_line_header(sum->cfg);
    int rc = lock(journal, err);
    rc = rc == 0 ? read_all(journal, header, sum, err) : rc;
    free(header);
    if (rc != 0) {
        (void)fclose(journal->file);
        journal->file = NULL;
    }
    return rc;
}

int explore_journal_add(struct explore_journal *journal, const struct explore_done *unit,
                        const struct explore_sum *sum, struct err *err)
{
    if (journal->file == NULL) {
        return 0;
    }
    char *line = explore_journal_line_unit(unit, sum->cfg->kind->rows_len);
    const int rc = write_line(journal, line, err);
    free(line);
    return rc == 0 && wall_clock_ns() - journal->saved_ns >= SAVE_EVERY_NS ? save(journal, err)
                                                                           : rc;
}

int explore_journal_close(struct explore_journal *journal, struct err *err)
{
    if (journal->file == NULL) {
        return 0;
    }
    const int rc = save(journal, err);
    (void)fclose(journal->file);
    journal->file = NULL;
    return rc;
}
