/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_options.c - options of SOL_SOCKET (sk_setsockopt() and sk_getsockopt(),
 * net/core/sock.c of Linux 6.1).
 *
 * The guest may do what needs CAP_NET_ADMIN (SO_RCVBUFFORCE, SO_MARK ...), whoever runs it: its
 * network is simulated. */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <limits.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_DEFAULT = 212992, /* sysctl_rmem_default, and sysctl_rmem_max and wmem_max. */
    RECEIVE_BUFFER_MIN = 2304,
    SEND_BUFFER_MIN = 2 * RECEIVE_BUFFER_MIN,
    STAMPING_MASK = 0xFFFF, /* SOF_TIMESTAMPING_MASK of 6.1: up to BIND_PHC. */
    JIFFY_US = 4000,        /* CONFIG_HZ=250, as Debian's kernel has it. */
    US_PER_S = 1000000,
    BPF_EXTENSIONS = 64,
};

/* Younger than the C library's headers. */
enum {
    PREFER_BUSY_POLL = 69, /* SO_PREFER_BUSY_POLL and so on. */
    BUSY_POLL_BUDGET = 70,
    BUF_LOCK = 72,
    RESERVE_MEM = 73,
    TXREHASH = 74,
    RCVMARK = 75,
};

/* Options that are kept and given back, and change nothing here. */
enum stored_kind { STORED_BOOL, STORED_INT };

struct stored {
    int name;
    enum stored_kind kind;
    int initial;
};

static const struct stored stored[] = {
    {SO_DEBUG, STORED_BOOL, 0},
    {SO_REUSEADDR, STORED_BOOL, 0},
    {SO_DONTROUTE, STORED_BOOL, 0},
    {SO_BROADCAST, STORED_BOOL, 0},
    {SO_KEEPALIVE, STORED_BOOL, 0},
    {SO_OOBINLINE, STORED_BOOL, 0},
    {SO_NO_CHECK, STORED_BOOL, 0},
    {SO_PASSCRED, STORED_BOOL, 0},
    {SO_PASSSEC, STORED_BOOL, 0},
    {SO_WIFI_STATUS, STORED_BOOL, 0},
    {SO_NOFCS, STORED_BOOL, 0},
    {SO_LOCK_FILTER, STORED_BOOL, 0},
    {SO_SELECT_ERR_QUEUE, STORED_BOOL, 0},
    {RCVMARK, STORED_BOOL, 0},
    {PREFER_BUSY_POLL, STORED_BOOL, 0},
    {TXREHASH, STORED_INT, 0},
    {BUF_LOCK, STORED_INT, 0},
    {SO_MARK, STORED_INT, 0},
    {SO_BUSY_POLL, STORED_INT, 0},
    {SO_INCOMING_CPU, STORED_INT, -1},
    {SO_RCVLOWAT, STORED_INT, 1},
};

/* Options that are answered and change nothing, or cannot be had: what setting one answers. */
struct refused {
    int name;
    int answer;
};

static const struct refused refused[] = {
    {SO_ATTACH_FILTER, -EINVAL},
    {SO_DETACH_FILTER, -ENOENT},
    {SO_ATTACH_BPF, -EINVAL},
    {SO_ATTACH_REUSEPORT_CBPF, -EINVAL},
    {SO_ATTACH_REUSEPORT_EBPF, -EINVAL},
    {SO_DETACH_REUSEPORT_BPF, -EINVAL},
    {SO_PEEK_OFF, -EOPNOTSUPP},
    {SO_ZEROCOPY, -EOPNOTSUPP},
    {RESERVE_MEM, -EOPNOTSUPP},
    {SO_BSDCOMPAT, 0},
    {SO_CNX_ADVICE, 0},
    {BUSY_POLL_BUDGET, 0},
};

static int *stored_at(struct af_can_socket_core *core, int name, enum stored_kind *kind)
{
    _Static_assert(ARRAY_SIZE(stored) <= AF_CAN_STORED_MAX, "room for every stored option");
    for (size_t i = 0; i < ARRAY_SIZE(stored); i++) {
        if (stored[i].name == name) {
            *kind = stored[i].kind;
            return &core->options.stored[i];
        }
    }
    return NULL;
}

void af_can_options_init(struct af_can_socket_core *core)
{
    core->options.receive_buffer = BUFFER_DEFAULT;
    core->options.send_buffer = BUFFER_DEFAULT;
    core->options.pacing_rate = UINT64_MAX;
    for (size_t i = 0; i < ARRAY_SIZE(stored); i++) {
        core->options.stored[i] = stored[i].initial;
    }
}

/* Setting. */

static int doubled(int value, int minimum)
{
    const int half = value < INT_MAX / 2 ? value : INT_MAX / 2;
    return half * 2 > minimum ? half * 2 : minimum;
}

/* A negative size is a huge one (min_t(u32, ...)). */
static int limited(int value)
{
    return value < 0 || value > BUFFER_DEFAULT ? BUFFER_DEFAULT : value;
}

static int set_priority(struct af_can_socket_options *options, int value)
{
    options->priority = value;
    return 0;
}

/* sock_enable_timestamp(): as long as one socket wants them, every frame is stamped. */
static void keep(struct af_can *stack, bool *held, bool wanted)
{
    if (*held != wanted) {
        *held = wanted;
        stack->stamp_users += wanted ? 1 : -1u;
    }
}

void af_can_options_keep_stamps(struct af_can_socket_core *core)
{
    keep(core->socket.stack, &core->options.keeps_stamps, true);
}

void af_can_options_release(struct af_can_socket_core *core)
{
    keep(core->socket.stack, &core->options.keeps_stamps, false);
    keep(core->socket.stack, &core->options.keeps_sw_stamps, false);
}

/* __sock_set_timestamps(). */
static int set_stamp(struct af_can_socket_core *core, bool on, bool new_type, bool ns)
{
    core->options.stamp = on;
    core->options.stamp_ns = on && ns;
    if (on) {
        core->options.stamp_new = new_type;
        af_can_options_keep_stamps(core);
    }
    return 0;
}

/* sock_set_timestamping(). */
static int set_stamping(struct af_can_socket_core *core, bool new_type, const void *value,
                        size_t len_bytes)
{
    struct {
        uint32_t flags;
        int32_t bind_phc;
    } asked = {0, 0};
    memcpy(&asked, value, len_bytes == sizeof(asked) ? sizeof(asked) : sizeof(asked.flags));
    const uint32_t only = SOF_TIMESTAMPING_OPT_STATS | SOF_TIMESTAMPING_OPT_TSONLY;
    if ((asked.flags & ~(uint32_t)STAMPING_MASK) != 0 ||
        (asked.flags & only) == SOF_TIMESTAMPING_OPT_STATS) {
        return -EINVAL;
    }
    if ((asked.flags & SOF_TIMESTAMPING_BIND_PHC) != 0) {
        return -EOPNOTSUPP; /* No interface here has a clock of its own. */
    }
    core->options.stamping = asked.flags;
    core->options.stamp_new = new_type;
    keep(core->socket.stack, &core->options.keeps_sw_stamps,
         (asked.flags & SOF_TIMESTAMPING_RX_SOFTWARE) != 0);
    return 0;
}

/* sock_set_timeout(): kept in jiffies, rounded up. struct timeval is the same, old and new. */
static int set_timeout(uint64_t *timeout_us, const void *value, size_t len_bytes)
{
    int64_t given[2];
    if (len_bytes < sizeof(given)) {
        return -EINVAL;
    }
    memcpy(given, value, sizeof(given));
    if (given[1] < 0 || given[1] >= US_PER_S) {
        return -EDOM;
    }
    if (given[0] < 0) {
        *timeout_us = 0; /* The kernel: at once; as a stored value that is read back as none. */
        return 0;
    }
    const uint64_t seconds = (uint64_t)given[0] < UINT32_MAX ? (uint64_t)given[0] : UINT32_MAX;
    const uint64_t jiffies = ((uint64_t)given[1] + JIFFY_US - 1) / JIFFY_US;
    *timeout_us = seconds * US_PER_S + jiffies * JIFFY_US;
    return 0;
}

static int set_linger(struct af_can_socket_options *options, const void *value, size_t len_bytes)
{
    struct linger linger;
    if (len_bytes < sizeof(linger)) {
        return -EINVAL;
    }
    memcpy(&linger, value, sizeof(linger));
    options->linger = linger.l_onoff != 0;
    if (options->linger) {
        options->linger_s = (uint32_t)linger.l_linger;
    }
    return 0;
}

/* sock_setbindtodevice(). */
static int set_device(struct af_can_socket_core *core, const void *value, size_t len_bytes)
{
    char name[AF_CAN_NAME_SIZE] = {0};
    memcpy(name, value, len_bytes < sizeof(name) - 1 ? len_bytes : sizeof(name) - 1);
    const int index = name[0] != '\0' ? af_can_index(core->socket.stack, name) : 0;
    if (name[0] != '\0' && index == 0) {
        return -ENODEV;
    }
    core->options.bound_index = index;
    return 0;
}

static int set_pacing(struct af_can_socket_options *options, const void *value, size_t len_bytes)
{
    uint32_t rate;
    memcpy(&rate, value, sizeof(rate));
    options->pacing_rate = rate == UINT32_MAX ? UINT64_MAX : rate;
    if (len_bytes == sizeof(options->pacing_rate)) {
        memcpy(&options->pacing_rate, value, len_bytes);
    }
    return 0;
}

/* struct sock_txtime: a clock, and flags of which there are two. */
static int set_tx_time(struct af_can_socket_options *options, const void *value, size_t len_bytes)
{
    uint32_t asked[2];
    if (len_bytes != sizeof(asked)) {
        return -EINVAL;
    }
    memcpy(asked, value, sizeof(asked));
    if ((asked[1] & ~(uint32_t)SOF_TXTIME_FLAGS_MASK) != 0) {
        return -EINVAL;
    }
    memcpy(options->tx_time, asked, sizeof(asked));
    return 0;
}

static int set_device_index(struct af_can_socket_core *core, int index)
{
    if (index < 0) {
        return -EINVAL;
    }
    core->options.bound_index = index;
    return 0;
}

static int set_send_buffer(struct af_can_socket_core *core, int value)
{
    core->options.send_buffer = doubled(value, SEND_BUFFER_MIN);
    af_can_changed(&core->socket);
    return 0;
}

static int set_receive_buffer(struct af_can_socket_core *core, int value)
{
    core->options.receive_buffer = doubled(value, RECEIVE_BUFFER_MIN);
    return 0;
}

static int refusal(int name)
{
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        if (refused[i].name == name) {
            return refused[i].answer;
        }
    }
    return -ENOPROTOOPT;
}

static int set_stored(struct af_can_socket_core *core, int name, int value)
{
    enum stored_kind kind;
    int *at = stored_at(core, name, &kind);
    if (at == NULL) {
        return refusal(name);
    }
    *at = kind == STORED_BOOL ? value != 0 : value;
    if (name == SO_RCVLOWAT) {
        *at = value < 0 ? INT_MAX : value != 0 ? value : 1;
    }
    return name == SO_BUSY_POLL && value < 0 ? -EINVAL : 0;
}

int af_can_options_set(struct af_can_socket_core *core, int name, const void *value,
                       size_t len_bytes)
{
    struct af_can_socket_options *options = &core->options;
    int number;
    if (name == SO_BINDTODEVICE) {
        return set_device(core, value, len_bytes);
    }
    if (len_bytes < sizeof(number)) {
        return -EINVAL;
    }
    memcpy(&number, value, sizeof(number));
    switch (name) {
    case SO_RCVBUF: return set_receive_buffer(core, limited(number));
    case SO_RCVBUFFORCE: return set_receive_buffer(core, number < 0 ? 0 : number);
    case SO_SNDBUF: return set_send_buffer(core, limited(number));
    case SO_SNDBUFFORCE: return set_send_buffer(core, number < 0 ? 0 : number);
    case SO_PRIORITY: return set_priority(options, number);
    case SO_RXQ_OVFL: options->overflow = number != 0; return 0;
    case SO_TIMESTAMP_OLD: return set_stamp(core, number != 0, false, false);
    case SO_TIMESTAMP_NEW: return set_stamp(core, number != 0, true, false);
    case SO_TIMESTAMPNS_OLD: return set_stamp(core, number != 0, false, true);
    case SO_TIMESTAMPNS_NEW: return set_stamp(core, number != 0, true, true);
    case SO_TIMESTAMPING_OLD: return set_stamping(core, false, value, len_bytes);
    case SO_TIMESTAMPING_NEW: return set_stamping(core, true, value, len_bytes);
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW: return set_timeout(&options->receive_timeout_us, value, len_bytes);
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW: return set_timeout(&options->send_timeout_us, value, len_bytes);
    case SO_LINGER: return set_linger(options, value, len_bytes);
    case SO_BINDTOIFINDEX: return set_device_index(core, number);
    case SO_REUSEPORT: return number != 0 ? -EOPNOTSUPP : 0; /* INET only. */
    case SO_MAX_PACING_RATE: return set_pacing(options, value, len_bytes);
    case SO_TXTIME: return set_tx_time(options, value, len_bytes);
    default: return set_stored(core, name, number);
    }
}

/* Getting. */

static int give(const void *from, size_t from_bytes, void *value, size_t *len_bytes)
{
    if (*len_bytes > from_bytes) {
        *len_bytes = from_bytes;
    }
    memcpy(value, from, *len_bytes);
    return 0;
}

static int give_timeout(uint64_t timeout_us, void *value, size_t *len_bytes)
{
    const int64_t given[2] = {(int64_t)(timeout_us / US_PER_S), (int64_t)(timeout_us % US_PER_S)};
    return give(given, sizeof(given), value, len_bytes);
}

static int give_linger(const struct af_can_socket_options *options, void *value, size_t *len_bytes)
{
    const struct linger linger = {options->linger, (int)options->linger_s};
    return give(&linger, sizeof(linger), value, len_bytes);
}

/* The new form tells only what was set in the new form. */
static int give_stamping(const struct af_can_socket_options *options, bool new_type, void *value,
                         size_t *len_bytes)
{
    const bool tell = !new_type || options->stamp_new;
    const uint32_t given[2] = {tell ? options->stamping : 0,
                               tell ? (uint32_t)options->bind_phc : 0};
    return give(given, sizeof(given), value, len_bytes);
}

/* sock_getbindtodevice(). */
static int give_device(const struct af_can_socket_core *core, void *value, size_t *len_bytes)
{
    const char *name = af_can_name(core->socket.stack, core->options.bound_index);
    if (name == NULL) {
        *len_bytes = 0;
        return 0;
    }
    if (*len_bytes < AF_CAN_NAME_SIZE) {
        return -EINVAL;
    }
    return give(name, strlen(name) + 1, value, len_bytes);
}

/* sk_get_meminfo(): what is received, its limit, what is sent, its limit; and the drops at last. */
static int give_memory(const struct af_can_socket_core *core, void *value, size_t *len_bytes)
{
    const uint32_t memory[9] = {[0] = core->queue.allocated,
                                [1] = (uint32_t)core->options.receive_buffer,
                                [2] = core->sending,
                                [3] = (uint32_t)core->options.send_buffer,
                                [8] = core->queue.dropped};
    return give(memory, sizeof(memory), value, len_bytes);
}

static bool stamp_is(const struct af_can_socket_options *options, bool new_type, bool ns)
{
    return options->stamp && options->stamp_new == new_type && options->stamp_ns == ns;
}

/* The options whose value is one int. */
static int int_of(struct af_can_socket_core *core, int name, int *number)
{
    const struct af_can_socket_options *options = &core->options;
    switch (name) {
    case SO_DOMAIN: *number = AF_CAN; return 0;
    case SO_TYPE: *number = core->socket.protocol->type; return 0;
    /* can_create() never sets sk_protocol. */
    case SO_PROTOCOL: *number = 0; return 0;
    case SO_ERROR: *number = -af_can_take_error(&core->socket); return 0;
    case SO_RCVBUF: *number = options->receive_buffer; return 0;
    case SO_SNDBUF: *number = options->send_buffer; return 0;
    case SO_PRIORITY: *number = options->priority; return 0;
    case SO_RXQ_OVFL: *number = options->overflow; return 0;
    case SO_TIMESTAMP_OLD: *number = stamp_is(options, false, false); return 0;
    case SO_TIMESTAMP_NEW: *number = options->stamp && options->stamp_new; return 0;
    case SO_TIMESTAMPNS_OLD: *number = stamp_is(options, false, true); return 0;
    case SO_TIMESTAMPNS_NEW: *number = stamp_is(options, true, true); return 0;
    case SO_BINDTOIFINDEX: *number = options->bound_index; return 0;
    case SO_SNDLOWAT: *number = 1; return 0;
    case SO_ACCEPTCONN:
    case SO_BSDCOMPAT:
    case SO_REUSEPORT:
    case SO_ZEROCOPY:
    case RESERVE_MEM: *number = 0; return 0;
    case SO_BPF_EXTENSIONS: *number = BPF_EXTENSIONS; return 0;
    case SO_PEEK_OFF: return -EOPNOTSUPP;
    case SO_PEERNAME: return -ENOTCONN;
    default: break;
    }
    enum stored_kind kind;
    const int *at = stored_at(core, name, &kind);
    *number = at != NULL ? *at : 0;
    return at != NULL ? 0 : -ENOPROTOOPT;
}

int af_can_options_get(struct af_can_socket_core *core, int name, void *value, size_t *len_bytes)
{
    const struct af_can_socket_options *options = &core->options;
    switch (name) {
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW: return give_timeout(options->receive_timeout_us, value, len_bytes);
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW: return give_timeout(options->send_timeout_us, value, len_bytes);
    case SO_LINGER: return give_linger(options, value, len_bytes);
    case SO_TIMESTAMPING_OLD: return give_stamping(options, false, value, len_bytes);
    case SO_TIMESTAMPING_NEW: return give_stamping(options, true, value, len_bytes);
    case SO_BINDTODEVICE: return give_device(core, value, len_bytes);
    case SO_MEMINFO: return give_memory(core, value, len_bytes);
    case SO_MAX_PACING_RATE:
        return give(&options->pacing_rate, sizeof(options->pacing_rate), value, len_bytes);
    case SO_TXTIME: return give(options->tx_time, sizeof(options->tx_time), value, len_bytes);
    case SO_GET_FILTER: *len_bytes = 0; return 0;
    default: break;
    }
    int number;
    const int unknown = int_of(core, name, &number);
    return unknown != 0 ? unknown : give(&number, sizeof(number), value, len_bytes);
}
