/* SPDX-License-Identifier: Apache-2.0 */
/* guest/calls_fd_open.c - opening a FIFO, which waits for the other side (fifo(7)).
 *
 * As in fifo_open() (fs/pipe.c), who waits counts already as a reader or a writer: the supervisor
 * opens the guest's end itself without waiting, keeps it while the guest is parked, and gives it to
 * the guest when the other side has come. */
#include "guest/calls.h"
#include "guest/calls_fd.h"
#include "guest/calls_store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* linux/magic.h: an unnamed pipe, which nobody waits for. */
enum { PIPE_FILE_SYSTEM = 0x50495045 };

/* linux/openat2.h */
struct open_how_start {
    uint64_t flags;
    uint64_t mode;
};

/* t->wait.scratch */
enum { OPEN_DEVICE, OPEN_INODE, OPEN_WRITES, OPEN_MET };

static bool is_open_call(int nr)
{
    return nr == SYS_open || nr == SYS_openat || nr == SYS_openat2 || nr == SYS_creat;
}

static bool read_opening(const struct guest_thread *t, struct store_opening *opening)
{
    const uint64_t *arg = t->call.arg;
    struct open_how_start how = {0};
    switch (t->call.nr) {
    case SYS_open:
        *opening = (struct store_opening){AT_FDCWD, arg[0], (int)arg[1], (mode_t)arg[2]};
        return true;
    case SYS_creat:
        *opening =
            (struct store_opening){AT_FDCWD, arg[0], O_CREAT | O_WRONLY | O_TRUNC, (mode_t)arg[1]};
        return true;
    case SYS_openat:
        *opening = (struct store_opening){(int)arg[0], arg[1], (int)arg[2], (mode_t)arg[3]};
        return true;
    default:
        if (!guest_read(t, arg[2], &how, sizeof how)) {
            return false;
        }
        *opening = (struct store_opening){(int)arg[0], arg[1], (int)how.flags, (mode_t)how.mode};
        return true;
    }
}

static bool may_wait(int flags)
{
    return (flags & (O_NONBLOCK | O_PATH | O_DIRECTORY)) == 0 && (flags & O_ACCMODE) != O_RDWR &&
           (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

/* What a process calls "self" is not the same for both. */
void fd_make_path(const struct guest_thread *t, int directory, const char *path, char *out,
                  size_t size)
{
    static const struct {
        const char *prefix, *instead;
    } selves[] = {{"/proc/self/", ""},    {"/proc/thread-self/", ""}, {"/dev/fd/", "fd/"},
                  {"/dev/stdin", "fd/0"}, {"/dev/stdout", "fd/1"},    {"/dev/stderr", "fd/2"}};
    for (size_t i = 0; i < ARRAY_SIZE(selves); i++) {
        size_t len = strlen(selves[i].prefix);
        if (strncmp(path, selves[i].prefix, len) == 0) {
            snprintf(out, size, "/proc/%d/%s%s", (int)t->tid, selves[i].instead, path + len);
            return;
        }
    }
    if (path[0] == '/') {
        snprintf(out, size, "%s", path);
    } else if (directory == AT_FDCWD) {
        snprintf(out, size, "/proc/%d/cwd/%s", (int)t->tid, path);
    } else {
        snprintf(out, size, "/proc/%d/fd/%d/%s", (int)t->tid, directory, path);
    }
}

static bool is_named_fifo(const char *path, struct stat *info)
{
    struct statfs fs;
    return stat(path, info) == 0 && S_ISFIFO(info->st_mode) && statfs(path, &fs) == 0 &&
           fs.f_type != PIPE_FILE_SYSTEM;
}

/* Never waits. A writer without a reader is refused (ENXIO) unless somebody has both ends. */
static int open_end(const char *path, int flags)
{
    int keep = O_ACCMODE | O_APPEND | O_DIRECT | O_NOATIME | O_NOFOLLOW;
    int own = (flags & keep) | O_NONBLOCK | O_CLOEXEC;
    int end = open(path, own);
    if (end < 0 && errno == ENXIO) {
        int both = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        end = both >= 0 ? open(path, own) : -1;
        if (both >= 0) {
            close(both);
        }
    }
    return end;
}

static bool other_side_is_there(int end, bool writes)
{
    struct pollfd look = {.fd = end, .events = writes ? POLLOUT : POLLIN};
    char none;
    poll(&look, 1, 0);
    if (writes) {
        return (look.revents & POLLERR) == 0;
    }
    /* An empty pipe reads as its end without writers, and as "try again" with them. */
    return look.revents != 0 || (read(end, &none, sizeof none) < 0 && errno == EAGAIN);
}

/* Those of the other side that wait go on, even if this thread is gone when they have their turn.
 */
static void meet(struct supervisor *s, const struct guest_thread *t)
{
    const uint64_t *own = t->wait.scratch;
    for (struct guest_process *p = s->processes; p; p = p->next) {
        for (struct guest_thread *other = p->threads; other; other = other->next) {
            uint64_t *its = other->wait.scratch;
            bool waits = other->state == GUEST_PARKED || other->state == GUEST_READY;
            if (waits && is_open_call(other->call.nr) && its[OPEN_DEVICE] == own[OPEN_DEVICE] &&
                its[OPEN_INODE] == own[OPEN_INODE] && its[OPEN_WRITES] != own[OPEN_WRITES]) {
                its[OPEN_MET] = 1;
                guest_wake(s, other);
            }
        }
    }
}

static enum guest_verdict give_end(struct supervisor *s, struct guest_thread *t, int end, int flags)
{
    fcntl(end, F_SETFL, fcntl(end, F_GETFL) & ~O_NONBLOCK);
    meet(s, t);
    enum guest_verdict verdict = guest_give_fd(s, t, end, (flags & O_CLOEXEC) != 0);
    if (t->wait.watches_len == 0) {
        close(end);
    }
    return verdict;
}

/* Null path: not a FIFO, or not to be found from here; the kernel knows. */
static bool find_fifo(struct guest_thread *t, const struct store_opening *opening, char *path,
                      size_t size)
{
    char name[4096];
    struct stat info;
    if (!guest_read_text(t, opening->path, name, sizeof name)) {
        return false;
    }
    fd_make_path(t, opening->folder, name, path, size);
    if (!is_named_fifo(path, &info)) {
        return false;
    }
    t->wait.scratch[OPEN_DEVICE] = info.st_dev;
    t->wait.scratch[OPEN_INODE] = info.st_ino;
    t->wait.scratch[OPEN_WRITES] = (opening->flags & O_ACCMODE) == O_WRONLY;
    return true;
}

enum guest_verdict call_open(struct supervisor *s, struct guest_thread *t)
{
    struct store_opening opening;
    enum guest_verdict verdict;
    char path[4096 + 64];
    if (s->cfg.real_time || !read_opening(t, &opening)) {
        return guest_let(t);
    }
    if (s->cfg.store && store_open_call(s, t, &opening, &verdict)) {
        return verdict;
    }
    if (!may_wait(opening.flags)) {
        return guest_let(t);
    }
    int end = t->wait.watches_len > 0 ? t->wait.watches[0].fd : -1;
    if (end < 0) {
        end = find_fifo(t, &opening, path, sizeof path) ? open_end(path, opening.flags) : -1;
    }
    if (end < 0) {
        return guest_let(t);
    }
    bool writes = t->wait.scratch[OPEN_WRITES] != 0;
    if (t->wait.scratch[OPEN_MET] || other_side_is_there(end, writes)) {
        return give_end(s, t, end, opening.flags);
    }
    if (t->wait.watches_len == 0) {
        /* A pipe without readers is always ready for a writer, with an error: not looked at. */
        guest_wait_fd(t, end, writes ? 0 : POLLIN);
        t->wait.wants_look = writes;
        t->wait.on_signal = GUEST_SIGNAL_RESTART;
    }
    return guest_park(s, t, writes ? "a reader of a FIFO" : "a writer of a FIFO");
}
