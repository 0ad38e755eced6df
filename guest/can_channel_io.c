/* SPDX-License-Identifier: Apache-2.0 */
/* guest/can_channel_io.c - reading from and writing to a channel by all the calls there are. */
#include "guest/can_channel_message.h"
#include "guest/guest_fast.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum form { FORM_FLAT, FORM_VECTOR, FORM_HEADER, FORM_HEADERS };

/* Which argument holds what; 0 (which is the descriptor): none. */
struct io_row {
    int nr;
    enum form form;
    bool sends;
    bool nothing_is_nothing; /* Zero bytes do not reach the socket: 0 is the answer. */
    uint8_t flags_arg;
    uint8_t name_arg;
};

/* sock_read_iter() returns 0 for zero bytes, do_iter_write() too; a plain write() of none asks the
 * protocol, as do recv() and send(). */
static const struct io_row io_rows[] = {
    {SYS_read, FORM_FLAT, false, true, 0, 0},
    {SYS_readv, FORM_VECTOR, false, true, 0, 0},
    {SYS_preadv2, FORM_VECTOR, false, true, 0, 0},
    {SYS_recvfrom, FORM_FLAT, false, false, 3, 4},
    {SYS_recvmsg, FORM_HEADER, false, false, 2, 0},
    {SYS_recvmmsg, FORM_HEADERS, false, false, 3, 0},
    {SYS_write, FORM_FLAT, true, false, 0, 0},
    {SYS_writev, FORM_VECTOR, true, true, 0, 0},
    {SYS_pwritev2, FORM_VECTOR, true, true, 0, 0},
    {SYS_sendto, FORM_FLAT, true, false, 3, 4},
    {SYS_sendmsg, FORM_HEADER, true, false, 2, 0},
    {SYS_sendmmsg, FORM_HEADERS, true, false, 3, 0},
};

static const struct io_row *find_row(int nr)
{
    for (size_t i = 0; i < ARRAY_SIZE(io_rows); i++) {
        if (io_rows[i].nr == nr) {
            return &io_rows[i];
        }
    }
    return NULL;
}

/* The address of sendto() and recvfrom(), whose length is a value in the one and the address of one
 * in the other (move_addr_to_kernel(), move_addr_to_user()). */
static int take_name(const struct guest_thread *t, const struct io_row *row,
                     struct can_channel_message *message)
{
    uint64_t len_arg = t->call.arg[row->name_arg + 1];
    int len = (int)len_arg;
    message->name = t->call.arg[row->name_arg];
    message->has_name = message->name != 0;
    if (!message->has_name) {
        return 0;
    }
    if (!row->sends) {
        message->name_bytes_at = len_arg;
        if (!guest_read(t, len_arg, &len, sizeof len)) {
            return -EFAULT;
        }
    }
    if (len < 0 || (row->sends && len > CAN_CHANNEL_ADDRESS_MAX)) {
        return -EINVAL;
    }
    message->name_bytes = (size_t)len;
    return 0;
}

static int take_message(struct can_channels *channels, const struct guest_thread *t,
                        const struct io_row *row, struct can_channel_message *message)
{
    const uint64_t *arg = t->call.arg;
    message->flags = row->flags_arg != 0 ? (int)arg[row->flags_arg] : 0;
    if (row->form == FORM_HEADER) {
        int error = can_channel_message_header(channels, t, message, arg[1]);
        /* Only sendto() hands on an address of no length. */
        message->has_name = message->has_name && (!row->sends || message->name_bytes > 0);
        return error;
    }
    if (row->form == FORM_VECTOR) {
        return can_channel_message_vector(channels, t, message, arg[1], arg[2], -EINVAL);
    }
    int error = row->name_arg != 0 ? take_name(t, row, message) : 0;
    return error < 0 ? error : can_channel_message_flat(channels, message, arg[1], arg[2]);
}

/* t->wait.scratch of these calls: recvmmsg() and sendmmsg() keep how many messages are done and
 * until when, while the thread waits; and a refusal that is told a little later. */
enum { SCRATCH_DONE, SCRATCH_UNTIL, SCRATCH_REFUSED };

/* A refusal comes back at once: who tries until it works (ENOBUFS) must not keep time standing. The
 * call is not made again: it may have been the one that was told the error of the socket. */
static enum guest_verdict answer(struct supervisor *s, struct guest_thread *t, long n)
{
    if (n >= 0) {
        return guest_value(t, n);
    }
    bool spins = t->call.wake == GUEST_WAKE_FIRST && guest_spins(s);
    if (!spins) {
        return guest_error(t, (int)-n);
    }
    t->wait.scratch[SCRATCH_REFUSED] = (uint64_t)-n;
    return guest_spin_park(s, t);
}

/* An error queue is never waited for. */
static bool asks_not_to_wait(int flags)
{
    return (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) != 0;
}

/* The kernel's ISO-TP waits for its turn to send without a time-out (isotp_sendmsg()). */
static bool may_wait(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                     bool sends, int flags)
{
    int sends_until = channel->sends_without_timeout ? 0 : SO_SNDTIMEO;
    return can_channel_may_wait(s, t, channel, sends ? sends_until : SO_RCVTIMEO,
                                asks_not_to_wait(flags));
}

/* The model would wait, with n. */
static enum guest_verdict wait_or_fail(struct supervisor *s, struct guest_thread *t,
                                       struct can_channel *channel, long n, bool sends, int flags)
{
    if (n == AF_CAN_SEND_WAITS) {
        return can_channel_park(s, t, channel, 0, "the end of a CAN transmission");
    }
    if (!may_wait(s, t, channel, sends, flags)) {
        return answer(s, t, -EAGAIN);
    }
    /* Room to send may come before poll() tells of it. */
    return sends ? can_channel_park(s, t, channel, 0, "room to send on a CAN socket")
                 : can_channel_park(s, t, channel, POLLIN, "a CAN frame");
}

static bool would_wait(long n)
{
    return n == -EAGAIN || n == AF_CAN_SEND_WAITS;
}

static enum guest_verdict io_one(struct supervisor *s, struct guest_thread *t,
                                 struct can_channel *channel, const struct io_row *row)
{
    struct can_channel_message message = {0};
    int error = take_message(s->channels, t, row, &message);
    if (error < 0) {
        return guest_error(t, -error);
    }
    if (row->nothing_is_nothing && message.data_bytes == 0) {
        return guest_value(t, 0);
    }
    long n = row->sends ? can_channel_send(s, t, channel, &message)
                        : can_channel_receive(s, t, channel, &message);
    can_channel_called(t, channel, (int)t->call.arg[0], row->sends && n >= 0);
    return would_wait(n) ? wait_or_fail(s, t, channel, n, row->sends, message.flags)
                         : answer(s, t, n);
}

static long one_of_many(struct supervisor *s, struct guest_thread *t, struct can_channel *channel,
                        const struct io_row *row, int flags)
{
    struct can_channel_message message = {0};
    uint64_t entry = t->call.arg[1] + t->wait.scratch[SCRATCH_DONE] * sizeof(struct mmsghdr);
    int error = can_channel_message_header(s->channels, t, &message, entry);
    if (error < 0) {
        return error;
    }
    message.flags = flags;
    message.has_name = message.has_name && (!row->sends || message.name_bytes > 0);
    long n = row->sends ? can_channel_send(s, t, channel, &message)
                        : can_channel_receive(s, t, channel, &message);
    if (n < 0) {
        return n;
    }
    unsigned len = (unsigned)n;
    return guest_write(t, entry + offsetof(struct mmsghdr, msg_len), &len, sizeof len) ? n
                                                                                       : -EFAULT;
}

static int many_flags(const struct guest_thread *t)
{
    int flags = (int)t->call.arg[3];
    bool only_the_first_waits = (flags & MSG_WAITFORONE) != 0;
    flags &= ~MSG_WAITFORONE;
    return only_the_first_waits && t->wait.scratch[SCRATCH_DONE] > 0 ? flags | MSG_DONTWAIT : flags;
}

/* The time-out of recvmmsg() ends the call only after a message, as the manual's BUGS section says;
 * the time that is left is written back. */
static int take_timeout(const struct supervisor *s, struct guest_thread *t,
                        const struct io_row *row)
{
    uint64_t ns = 0;
    if (t->call.wake != GUEST_WAKE_FIRST) {
        return 0;
    }
    t->wait.scratch[SCRATCH_UNTIL] = SIM_NEVER;
    if (row->sends || t->call.arg[4] == 0) {
        return 0;
    }
    int error = guest_read_timespec(t, t->call.arg[4], &ns);
    t->wait.scratch[SCRATCH_UNTIL] = guest_deadline(s, ns);
    return error;
}

static bool time_is_up(const struct supervisor *s, const struct guest_thread *t)
{
    return t->wait.scratch[SCRATCH_UNTIL] <= s->sim->now_ns;
}

static void write_time_left(const struct supervisor *s, const struct guest_thread *t)
{
    uint64_t until = t->wait.scratch[SCRATCH_UNTIL];
    if (until != SIM_NEVER) {
        uint64_t left = time_is_up(s, t) ? 0 : until - s->sim->now_ns;
        struct timespec value = {(time_t)(left / SIM_S(1)), (long)(left % SIM_S(1))};
        guest_write(t, t->call.arg[4], &value, sizeof value);
    }
}

static enum guest_verdict answer_many(struct supervisor *s, struct guest_thread *t, long error)
{
    uint64_t done = t->wait.scratch[SCRATCH_DONE];
    if (done > 0) {
        write_time_left(s, t);
        return guest_value(t, (int64_t)done);
    }
    return answer(s, t, error);
}

static enum guest_verdict io_many(struct supervisor *s, struct guest_thread *t,
                                  struct can_channel *channel, const struct io_row *row)
{
    uint64_t *done = &t->wait.scratch[SCRATCH_DONE];
    uint64_t wanted = (unsigned)t->call.arg[2];
    wanted = row->sends && wanted > UIO_MAXIOV ? UIO_MAXIOV : wanted; /* __sys_sendmmsg() */
    long n = take_timeout(s, t, row);
    while (n >= 0 && *done < wanted) {
        n = one_of_many(s, t, channel, row, many_flags(t));
        *done += n >= 0;
        if (n >= 0 && time_is_up(s, t)) {
            break;
        }
    }
    can_channel_called(t, channel, (int)t->call.arg[0], row->sends && *done > 0);
    bool fails = n == -EAGAIN && *done > 0 && !may_wait(s, t, channel, row->sends, many_flags(t));
    if (!would_wait(n) || fails) {
        return answer_many(s, t, n < 0 ? n : 0);
    }
    enum guest_verdict verdict = wait_or_fail(s, t, channel, n, row->sends, many_flags(t));
    t->wait.on_signal = *done > 0 ? GUEST_SIGNAL_PARTIAL : t->wait.on_signal;
    return verdict;
}

enum guest_verdict can_channel_io(struct supervisor *s, struct guest_thread *t,
                                  struct can_channel *channel)
{
    const struct io_row *row = find_row(t->call.nr);
    if (!row) {
        return guest_error(t, ESPIPE); /* At an offset (preadv2, pwritev2). */
    }
    if (t->wait.scratch[SCRATCH_REFUSED] != 0) {
        return guest_error(t, (int)t->wait.scratch[SCRATCH_REFUSED]);
    }
    guest_fast_note(t->process, (int)t->call.arg[0], channel);
    return row->form == FORM_HEADERS ? io_many(s, t, channel, row) : io_one(s, t, channel, row);
}
