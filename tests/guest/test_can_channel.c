/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/test_can_channel.c - the calls on a guest's CAN socket, without a guest: this process
 * stands for it, its memory and descriptors are the guest's. What the pair shows is asked of the
 * real kernel's poll and epoll. */
#include "guest/af_can/af_can.h"
#include "guest/af_can/af_can_linux.h"
#include "guest/can_channel.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/can/raw.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct wire_frame {
    uint32_t can_id;
    uint8_t len, flags, res0, len8_dlc;
    uint8_t data[8];
};

static struct rig {
    struct sim sim;
    struct can_bus bus;
    struct can_node peer; /* Acknowledges. */
    struct supervisor s;
    struct guest_process process;
    struct guest_thread t;
    enum guest_verdict verdict;
    unsigned woken;
    int given;
} rig;

/* The scheduler's part of the contract (guest/supervisor_internal.h), as far as it is asked. */
enum guest_verdict guest_value(struct guest_thread *t, int64_t value)
{
    t->answer = value;
    return GUEST_ANSWER;
}

enum guest_verdict guest_error(struct guest_thread *t, int error)
{
    t->answer = -error;
    return GUEST_ANSWER;
}

enum guest_verdict guest_let(struct guest_thread *t)
{
    (void)t;
    return GUEST_LET;
}

enum guest_verdict guest_park(struct supervisor *s, struct guest_thread *t, const char *what)
{
    (void)s;
    t->wait.what = what;
    t->state = GUEST_PARKED;
    return GUEST_WAITS;
}

enum guest_verdict guest_give_fd(struct supervisor *s, struct guest_thread *t, int fd, bool cloexec)
{
    (void)s;
    rig.given = fcntl(fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
    t->answer = rig.given;
    return GUEST_SENT;
}

void guest_wake(struct supervisor *s, struct guest_thread *t)
{
    (void)s;
    rig.woken++;
    t->state = GUEST_READY;
    t->call.wake = GUEST_WAKE_CHANGE;
}

bool guest_spins(struct supervisor *s)
{
    (void)s;
    return false;
}

enum guest_verdict guest_spin_park(struct supervisor *s, struct guest_thread *t)
{
    return guest_park(s, t, "a turn");
}

sim_ns_t guest_deadline(const struct supervisor *s, uint64_t relative_ns)
{
    return s->sim->now_ns + relative_ns;
}

struct guest_thread *guest_thread_of(struct supervisor *s, pid_t tid)
{
    (void)s;
    return rig.t.tid == tid ? &rig.t : NULL;
}

static void on_change(void *ctx, void *user)
{
    can_channel_changed(ctx, user);
}

static const struct can_node_ops peer_ops = {.on_frame = NULL};

static void set_up(void)
{
    sim_init(&rig.sim, &(struct sim_cfg){.seed = 1});
    can_bus_init(&rig.bus, &rig.sim, &(struct can_bus_cfg){.name = "can0", .nominal_bps = 500000});
    can_node_init(&rig.peer, &(struct can_node_cfg){.name = "peer", .ops = &peer_ops});
    can_bus_attach(&rig.bus, &rig.peer);
    struct af_can *can =
        af_can_new(&(struct af_can_cfg){.sim = &rig.sim, .on_change = on_change, .ctx = &rig.s});
    af_can_add_interface(can, &(struct af_can_interface_cfg){.name = "can0", .bus = &rig.bus});
    rig.s.sim = &rig.sim;
    rig.s.cfg = (struct supervisor_cfg){.sim = &rig.sim, .can = can};
    rig.s.processes = &rig.process;
    rig.process.threads = &rig.t;
    rig.process.pid = getpid();
    rig.process.pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    cr_assert(rig.process.pidfd >= 0);
    rig.t.process = &rig.process;
    rig.t.supervisor = &rig.s;
    rig.t.tid = (pid_t)syscall(SYS_gettid);
    rig.t.number = 1;
}

static void tear_down(void)
{
    can_channels_free(&rig.s);
    can_channel_forget_all(&rig.process);
    rig.process.dead = true;
    can_channel_forget_all(&rig.process);
    af_can_free((struct af_can *)rig.s.cfg.can);
    sim_release(&rig.sim);
    close(rig.process.pidfd);
}

TestSuite(can_channel, .init = set_up, .fini = tear_down);

static void arguments(int nr, int fd, const uint64_t *arg)
{
    rig.t.call = (struct guest_call){.nr = nr, .wake = GUEST_WAKE_FIRST};
    rig.t.wait = (struct guest_wait){.deadline_ns = SIM_NEVER};
    rig.t.state = GUEST_RUNS;
    rig.t.call.arg[0] = (uint64_t)fd;
    memcpy(&rig.t.call.arg[1], arg, 5 * sizeof *arg);
}

typedef enum guest_verdict channel_fn(struct supervisor *s, struct guest_thread *t,
                                      struct can_channel *channel);

static int64_t again(channel_fn *fn)
{
    int fd = (int)rig.t.call.arg[0];
    rig.verdict = fn(&rig.s, &rig.t, can_channel_of(&rig.s, &rig.t, fd));
    return rig.t.answer;
}

#define AT(pointer)           ((uint64_t)(uintptr_t)(pointer))
#define CALL(fn, nr, fd, ...) (arguments((nr), (fd), (const uint64_t[5]){__VA_ARGS__}), again(fn))

static int open_raw(int flags)
{
    arguments(SYS_socket, AF_CAN, (uint64_t[5]){(uint64_t)(SOCK_RAW | flags), CAN_RAW});
    cr_assert_eq(can_channel_socket(&rig.s, &rig.t), GUEST_SENT);
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = AF_CAN_FIRST_INDEX};
    cr_assert_eq(CALL(can_channel_bind, SYS_bind, rig.given, AT(&address), sizeof address), 0);
    return rig.given;
}

static int64_t send_frame(int fd)
{
    struct wire_frame frame = {.can_id = 0x123, .len = 2, .data = {1, 2}};
    return CALL(can_channel_io, SYS_write, fd, AT(&frame), sizeof frame);
}

/* Long enough for a hundred frames. */
static void settle(void)
{
    sim_run_until(&rig.sim, rig.sim.now_ns + SIM_MS(30));
    can_channels_settle(&rig.s);
}

/* What EPOLL_CTL_ADD brings about. */
static void show(int fd)
{
    can_channel_show(&rig.s, &rig.t, can_channel_of(&rig.s, &rig.t, fd), fd);
}

static int shown(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT};
    return poll(&entry, 1, 0) < 0 ? -1 : entry.revents;
}

static uint32_t epoll_shows(int set)
{
    struct epoll_event event = {0};
    return epoll_wait(set, &event, 1, 0) == 1 ? event.events : 0;
}

Test(can_channel, a_frame_goes_from_one_socket_to_another)
{
    struct wire_frame got = {0};
    int from = open_raw(0);
    int to = open_raw(0);
    cr_assert_eq(send_frame(from), 16);
    settle();
    cr_assert_eq(CALL(can_channel_io, SYS_read, to, AT(&got), sizeof got), 16);
    cr_assert_eq(got.can_id, 0x123);
    cr_assert_eq(got.len, 2);
    cr_assert_eq(got.data[1], 2);
}

Test(can_channel, the_pair_shows_to_poll_and_epoll_what_the_model_says)
{
    struct wire_frame got;
    int from = open_raw(0);
    int to = open_raw(0);
    int level = epoll_create1(0);
    show(to);
    int edge = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    cr_assert_eq(epoll_ctl(level, EPOLL_CTL_ADD, to, &event), 0);
    event.events |= EPOLLET;
    cr_assert_eq(epoll_ctl(edge, EPOLL_CTL_ADD, to, &event), 0);
    cr_assert_eq(shown(to), POLLOUT);
    for (int round = 0; round < 3; round++) {
        send_frame(from);
        settle();
        cr_assert_eq(shown(to), POLLIN | POLLOUT);
        cr_assert_eq(epoll_shows(level), EPOLLIN);
        cr_assert_eq(epoll_shows(edge), EPOLLIN);
        cr_assert_eq(epoll_shows(edge), 0);
        cr_assert_eq(CALL(can_channel_io, SYS_read, to, AT(&got), sizeof got), 16);
        cr_assert_eq(shown(to), POLLOUT);
        cr_assert_eq(epoll_shows(level), 0);
        cr_assert_eq(epoll_shows(edge), 0);
    }
}

Test(can_channel, a_socket_that_is_already_readable_shows_so_when_it_enters_an_epoll_set)
{
    int from = open_raw(0);
    int to = open_raw(0);
    send_frame(from);
    settle();
    cr_assert_eq(shown(to), POLLOUT, "nobody asks the kernel");
    cr_assert_eq(can_channel_poll(can_channel_of(&rig.s, &rig.t, to)) & POLLIN, POLLIN);
    show(to);
    cr_assert_eq(shown(to), POLLIN | POLLOUT);
}

Test(can_channel, a_full_send_buffer_shows_and_ends_with_an_edge)
{
    int fd = open_raw(SOCK_NONBLOCK);
    show(fd);
    int edge = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    int least = 1;
    CALL(can_channel_option, SYS_setsockopt, fd, SOL_SOCKET, SO_SNDBUF, AT(&least), sizeof least);
    cr_assert_eq(epoll_ctl(edge, EPOLL_CTL_ADD, fd, &event), 0);
    cr_assert_eq(epoll_shows(edge), EPOLLOUT);
    int sent = 0;
    while (shown(fd) == POLLOUT && sent < 100 && send_frame(fd) == 16) {
        sent++;
    }
    cr_assert_eq(shown(fd), 0, "after %d frames", sent);
    cr_assert_eq(epoll_shows(edge), 0);
    settle();
    cr_assert_eq(shown(fd), POLLOUT);
    cr_assert_eq(epoll_shows(edge), EPOLLOUT);
}

Test(can_channel, edge_triggered_epoll_hears_of_each_arrival_and_each_frame_that_went_out)
{
    int from = open_raw(0);
    int to = open_raw(0);
    int edge = epoll_create1(0);
    struct epoll_event readable = {.events = EPOLLIN | EPOLLET};
    struct epoll_event writable = {.events = EPOLLOUT | EPOLLET};
    show(from);
    show(to);
    cr_assert_eq(epoll_ctl(edge, EPOLL_CTL_ADD, from, &writable), 0);
    cr_assert_eq(epoll_shows(edge), EPOLLOUT);
    cr_assert_eq(epoll_ctl(edge, EPOLL_CTL_ADD, to, &readable), 0);
    for (int round = 0; round < 3; round++) {
        cr_assert_eq(send_frame(from), 16);
        cr_assert_eq(epoll_shows(edge), 0);
        settle();
        cr_assert_eq(epoll_shows(edge) | epoll_shows(edge), EPOLLIN | EPOLLOUT);
        cr_assert_eq(epoll_shows(edge), 0);
    }
}

Test(can_channel, a_read_waits_for_a_frame_and_then_has_it)
{
    struct wire_frame got;
    int from = open_raw(0);
    int to = open_raw(0);
    send_frame(from);
    settle();
    cr_assert_eq(CALL(can_channel_io, SYS_read, to, AT(&got), sizeof got), 16);
    CALL(can_channel_io, SYS_read, to, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
    cr_assert_eq(rig.t.wait.deadline_ns, SIM_NEVER);
    struct guest_thread parked = rig.t;
    send_frame(from);
    rig.t = parked;
    cr_assert_eq(rig.woken, 0);
    settle();
    cr_assert_eq(rig.woken, 1);
    cr_assert_eq(again(can_channel_io), 16);
}

Test(can_channel, changes_of_other_sockets_wake_nobody)
{
    struct wire_frame got;
    int from = open_raw(0);
    int to = open_raw(0);
    open_raw(0);
    CALL(can_channel_option, SYS_setsockopt, to, SOL_CAN_RAW, CAN_RAW_FILTER, 0, 0);
    CALL(can_channel_io, SYS_read, to, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
    struct guest_thread parked = rig.t;
    send_frame(from);
    rig.t = parked;
    settle();
    cr_assert_eq(rig.woken, 0);
}

Test(can_channel, who_must_not_wait_gets_eagain)
{
    struct wire_frame got;
    int waits = open_raw(0);
    int never = open_raw(SOCK_NONBLOCK);
    cr_assert_eq(CALL(can_channel_io, SYS_read, never, AT(&got), sizeof got), -EAGAIN);
    cr_assert_eq(
        CALL(can_channel_io, SYS_recvfrom, waits, AT(&got), sizeof got, MSG_DONTWAIT, 0, 0),
        -EAGAIN);
    CALL(can_channel_io, SYS_read, waits, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
    cr_assert_eq(fcntl(waits, F_SETFL, O_NONBLOCK), 0);
    can_channel_flags_change(&rig.s, &rig.t);
    cr_assert_eq(CALL(can_channel_io, SYS_read, waits, AT(&got), sizeof got), -EAGAIN);
    cr_assert_eq(rig.verdict, GUEST_ANSWER);
    int zero = 0;
    CALL(can_channel_ioctl, SYS_ioctl, waits, FIONBIO, AT(&zero));
    cr_assert_eq(ioctl(waits, FIONBIO, &zero), 0);
    CALL(can_channel_io, SYS_read, waits, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
}

Test(can_channel, who_waits_for_a_frame_is_not_woken_by_one_that_went_out)
{
    struct wire_frame got;
    int fd = open_raw(0);
    send_frame(fd);
    CALL(can_channel_io, SYS_read, fd, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
    settle();
    cr_assert_eq(rig.woken, 0);
}

/* As poll() parks. */
static void wait_for_both(struct guest_watch *watches)
{
    rig.t.state = GUEST_PARKED;
    rig.t.wait = (struct guest_wait){
        .deadline_ns = SIM_NEVER, .wants_can = true, .watches = watches, .watches_len = 2};
}

Test(can_channel, who_polls_several_sockets_is_woken_by_what_it_asked_of_one)
{
    int from = open_raw(0);
    int deaf = open_raw(0);
    int hears = open_raw(0);
    CALL(can_channel_option, SYS_setsockopt, deaf, SOL_CAN_RAW, CAN_RAW_FILTER, 0, 0);
    struct guest_watch watches[] = {{-1, POLLIN, can_channel_of(&rig.s, &rig.t, from)},
                                    {-1, POLLIN, can_channel_of(&rig.s, &rig.t, deaf)}};
    send_frame(from);
    wait_for_both(watches);
    settle();
    cr_assert_eq(rig.woken, 0);
    watches[1].can = can_channel_of(&rig.s, &rig.t, hears);
    send_frame(from);
    wait_for_both(watches);
    settle();
    cr_assert_eq(rig.woken, 1);
    wait_for_both(watches);
    close(hears);
    can_channels_reap(&rig.s);
    cr_assert_eq(rig.woken, 2);
    cr_assert_null(watches[1].can);
}

Test(can_channel, a_receive_timeout_sets_the_deadline_and_ends_in_eagain)
{
    struct wire_frame got;
    int fd = open_raw(0);
    struct timeval value = {2, 500000};
    cr_assert_eq(CALL(can_channel_option, SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, AT(&value),
                      sizeof value),
                 0);
    CALL(can_channel_io, SYS_read, fd, AT(&got), sizeof got);
    cr_assert_eq(rig.verdict, GUEST_WAITS);
    cr_assert_eq(rig.t.wait.deadline_ns, rig.sim.now_ns + SIM_MS(2500));
    cr_assert_eq(rig.t.wait.on_signal, GUEST_SIGNAL_EINTR);
    rig.t.call.wake = GUEST_WAKE_TIMEOUT;
    cr_assert_eq(again(can_channel_io), -EAGAIN);
}

Test(can_channel, recvmsg_fills_every_part_of_the_header)
{
    struct wire_frame got = {0};
    struct sockaddr_can name = {0};
    char control[128];
    struct iovec iov[2] = {{&got, 5}, {(char *)&got + 5, 11}};
    struct msghdr hdr = {&name, sizeof name, iov, 2, control, sizeof control, 0x7FFF};
    int one = 1;
    int from = open_raw(0);
    int to = open_raw(0);
    CALL(can_channel_option, SYS_setsockopt, to, SOL_SOCKET, SO_TIMESTAMP, AT(&one), sizeof one);
    send_frame(from);
    settle();
    cr_assert_eq(CALL(can_channel_io, SYS_recvmsg, to, AT(&hdr), 0), 16);
    cr_assert_eq(got.can_id, 0x123);
    cr_assert_eq(got.data[0], 1);
    cr_assert_eq(name.can_family, AF_CAN);
    cr_assert_eq(name.can_ifindex, AF_CAN_FIRST_INDEX);
    cr_assert(hdr.msg_namelen >= 8 && hdr.msg_namelen <= sizeof name, "%u", hdr.msg_namelen);
    cr_assert_eq(hdr.msg_controllen, CMSG_SPACE(sizeof(struct timeval)));
    cr_assert_eq(((struct cmsghdr *)(void *)control)->cmsg_type, SCM_TIMESTAMP);
    cr_assert_eq(hdr.msg_flags, MSG_DONTROUTE);
}

Test(can_channel, sendmmsg_and_recvmmsg_count_messages)
{
    enum { MANY = 3 };
    struct wire_frame frames[MANY] = {{.can_id = 1}, {.can_id = 2}, {.can_id = 3}};
    struct iovec iov[MANY];
    struct mmsghdr headers[MANY] = {0};
    for (size_t i = 0; i < MANY; i++) {
        iov[i] = (struct iovec){&frames[i], sizeof frames[i]};
        headers[i].msg_hdr.msg_iov = &iov[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    int from = open_raw(0);
    int to = open_raw(0);
    cr_assert_eq(CALL(can_channel_io, SYS_sendmmsg, from, AT(headers), 2, 0), 2);
    cr_assert_eq(headers[1].msg_len, 16);
    settle();
    CALL(can_channel_io, SYS_recvmmsg, to, AT(headers), MANY, 0, 0);
    cr_assert_eq(rig.verdict, GUEST_WAITS, "it wants a third one");
    struct guest_thread parked = rig.t;
    send_frame(from);
    rig.t = parked;
    settle();
    cr_assert_eq(again(can_channel_io), 3);
    cr_assert_eq(frames[2].can_id, 0x123);
    send_frame(from);
    settle();
    cr_assert_eq(CALL(can_channel_io, SYS_recvmmsg, to, AT(headers), MANY, MSG_WAITFORONE, 0), 1);
}

Test(can_channel, hostile_addresses_and_lengths_are_answered_as_the_kernel_does)
{
    int fd = open_raw(SOCK_NONBLOCK);
    struct msghdr hdr = {.msg_iovlen = 1025};
    uint64_t nowhere = 8;
    cr_assert_eq(CALL(can_channel_io, SYS_write, fd, nowhere, 16), -EFAULT);
    cr_assert_eq(CALL(can_channel_io, SYS_write, fd, nowhere, UINT64_MAX), -EINVAL);
    cr_assert_eq(CALL(can_channel_io, SYS_readv, fd, nowhere, 1), -EFAULT);
    cr_assert_eq(CALL(can_channel_io, SYS_readv, fd, nowhere, 1025), -EINVAL);
    cr_assert_eq(CALL(can_channel_io, SYS_readv, fd, nowhere, 0), 0);
    cr_assert_eq(CALL(can_channel_io, SYS_read, fd, nowhere, 0), 0);
    cr_assert_eq(CALL(can_channel_io, SYS_recvmsg, fd, nowhere, 0), -EFAULT);
    cr_assert_eq(CALL(can_channel_io, SYS_recvmsg, fd, AT(&hdr), 0), -EMSGSIZE);
    cr_assert_eq(CALL(can_channel_bind, SYS_bind, fd, nowhere, 16), -EFAULT);
    cr_assert_eq(CALL(can_channel_bind, SYS_bind, fd, nowhere, 129), -EINVAL);
    cr_assert_eq(
        CALL(can_channel_option, SYS_setsockopt, fd, SOL_CAN_RAW, CAN_RAW_LOOPBACK, nowhere, 4),
        -EFAULT);
    cr_assert_eq(CALL(can_channel_option, SYS_setsockopt, fd, SOL_CAN_RAW, CAN_RAW_FILTER, nowhere,
                      0x80000000u),
                 -EINVAL);
    cr_assert_eq(CALL(can_channel_option, SYS_getsockopt, fd, SOL_CAN_RAW, CAN_RAW_LOOPBACK,
                      nowhere, nowhere),
                 -EFAULT);
    cr_assert_eq(CALL(can_channel_name, SYS_getsockname, fd, nowhere, nowhere), -EFAULT);
}

Test(can_channel, getsockname_cuts_the_address_and_tells_its_length)
{
    int fd = open_raw(0);
    struct sockaddr_can name;
    socklen_t room = 4;
    memset(&name, 0xEE, sizeof name);
    cr_assert_eq(CALL(can_channel_name, SYS_getsockname, fd, AT(&name), AT(&room)), 0);
    cr_assert_eq(name.can_family, AF_CAN);
    cr_assert_eq(((uint8_t *)&name)[4], 0xEE);
    cr_assert(room >= 8, "%u", room);
}

Test(can_channel, interfaces_of_ours_are_answered_and_others_left_to_the_kernel)
{
    struct ifreq ifreq = {.ifr_name = "can0"};
    struct ifreq other = {.ifr_name = "lo"};
    int fd = open_raw(0);
    int plain = socket(AF_UNIX, SOCK_DGRAM, 0);
    cr_assert_eq(CALL(can_channel_ioctl, SYS_ioctl, fd, SIOCGIFINDEX, AT(&ifreq)), 0);
    cr_assert_eq(ifreq.ifr_ifindex, AF_CAN_FIRST_INDEX);
    ifreq.ifr_ifindex = 0;
    cr_assert_eq(CALL(can_channel_ioctl, SYS_ioctl, plain, SIOCGIFINDEX, AT(&ifreq)), 0);
    cr_assert_eq(ifreq.ifr_ifindex, AF_CAN_FIRST_INDEX);
    CALL(can_channel_ioctl, SYS_ioctl, fd, SIOCGIFINDEX, AT(&other));
    cr_assert_eq(rig.verdict, GUEST_LET);
    CALL(can_channel_ioctl, SYS_ioctl, fd, FIONBIO, 0);
    cr_assert_eq(rig.verdict, GUEST_LET);
    cr_assert_eq(CALL(can_channel_ioctl, SYS_ioctl, fd, 0x5401 /* TCGETS */, 0), -ENOTTY);
    CALL(can_channel_ioctl, SYS_ioctl, plain, 0x5401, 0);
    cr_assert_eq(rig.verdict, GUEST_LET);
}

Test(can_channel, an_interface_taken_down_refuses_frames)
{
    struct ifreq ifreq = {.ifr_name = "can0"};
    int fd = open_raw(0);
    show(fd);
    cr_assert_eq(CALL(can_channel_ioctl, SYS_ioctl, fd, SIOCSIFFLAGS, AT(&ifreq)), 0);
    settle();
    cr_assert_eq(shown(fd) & POLLIN, POLLIN, "the error shows as something to read");
    int error = 0;
    socklen_t len = sizeof error;
    cr_assert_eq(
        CALL(can_channel_option, SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, AT(&error), AT(&len)),
        0);
    cr_assert_eq(error, ENETDOWN);
    cr_assert_eq(shown(fd) & POLLIN, 0);
}

Test(can_channel, every_duplicate_means_the_channel_and_other_descriptors_do_not)
{
    int fd = open_raw(0);
    struct can_channel *channel = can_channel_of(&rig.s, &rig.t, fd);
    int copy = dup(fd);
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    cr_assert(channel);
    cr_assert_eq(can_channel_of(&rig.s, &rig.t, copy), channel);
    cr_assert_null(can_channel_of(&rig.s, &rig.t, pipes[0]));
    cr_assert_null(can_channel_of(&rig.s, &rig.t, 12345));
    cr_assert_null(can_channel_of(&rig.s, &rig.t, -1));
    dup2(pipes[0], copy);
    can_channel_forget(&rig.process, copy);
    cr_assert_null(can_channel_of(&rig.s, &rig.t, copy));
}

Test(can_channel, the_last_close_ends_the_channel_and_what_was_remembered_of_it)
{
    int fd = open_raw(0);
    int copy = dup(fd);
    struct can_channel *channel = can_channel_of(&rig.s, &rig.t, fd);
    close(fd);
    can_channel_forget(&rig.process, fd);
    can_channels_reap(&rig.s);
    cr_assert_eq(can_channel_of(&rig.s, &rig.t, copy), channel);
    close(copy); /* Unseen: as if by another process that shares the descriptors. */
    can_channels_reap(&rig.s);
    cr_assert_null(can_channel_of(&rig.s, &rig.t, copy));
}

Test(can_channel, a_shutdown_of_the_pair_does_no_harm)
{
    struct wire_frame got;
    int from = open_raw(0);
    int to = open_raw(0);
    show(to);
    cr_assert_eq(shutdown(to, SHUT_RDWR), 0);
    send_frame(from);
    settle();
    can_channels_reap(&rig.s);
    cr_assert_eq(CALL(can_channel_io, SYS_read, from, AT(&got), 0), 0);
}
