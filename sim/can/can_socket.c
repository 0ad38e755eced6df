/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_socket.c - a SocketCAN interface as a node of a simulated bus. */
#include "sim/can/can_socket.h"

#include "sim/trace.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux has a struct of the same name. Its longer sibling begins with the same bytes, and serves
 * for both. */
#define can_frame linux_can_frame
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#undef can_frame

/* What CAN_MTU would be, were its macro not about to find the other struct. */
enum { CLASSICAL_MTU = sizeof(struct linux_can_frame), FD_MTU = sizeof(struct canfd_frame) };

#define RETRY_NS SIM_MS(1)

struct can_socket {
    struct can_bus *bus;
    struct real_time_watch *watch;
    int fd;
    char name[IFNAMSIZ];
    struct can_node node;
    struct can_frame waiting[CAN_SOCKET_WAITING_MAX]; /* To be sent; a ring. */
    size_t waiting_head, waiting_len;
    struct sim_event retry;
    bool up, gone;       /* Gone: for good. */
    uint32_t last_error; /* Class of the error frame reported last. */
    struct can_socket_stats stats;
    can_socket_report_fn *report;
    void *report_ctx;
};

/* Opening. */

static int no_family(struct err *err)
{
    return err_set(err, ERR_IO,
                   "no CAN sockets on this machine (%s): load the module with `modprobe can-raw`; "
                   "a kernel or container without CAN cannot do this",
                   strerror(errno));
}

static int bad_interface(const char *interface, struct err *err)
{
    if (errno == ENODEV) {
        return err_set(err, ERR_IO,
                       "%s: no such interface; a virtual one is made with `ip link add dev %s type "
                       "vcan && ip link set up %s`",
                       interface, interface, interface);
    }
    return err_set(err, ERR_IO, "%s: %s; is it a CAN interface?", interface, strerror(errno));
}

static int set_options(int fd, bool fd_frames, const char *interface, struct err *err)
{
    const can_err_mask_t errors = CAN_ERR_MASK;
    const int on = 1;
    if (setsockopt(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors) != 0 ||
        (fd_frames && setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on) != 0)) {
        return err_set(err, ERR_IO, "%s: the CAN socket refuses an option: %s", interface,
                       strerror(errno));
    }
    return 0;
}

static int check_interface(int fd, struct ifreq *request, bool fd_frames, struct err *err)
{
    const char *name = request->ifr_name;
    if (ioctl(fd, SIOCGIFFLAGS, request) != 0) {
        return bad_interface(name, err);
    }
    if ((request->ifr_flags & IFF_UP) == 0) {
        return err_set(err, ERR_IO,
                       "%s: the interface is down; `ip link set up %s` (a real one "
                       "wants its bit rate first: `ip link set %s type can bitrate 500000`)",
                       name, name, name);
    }
    if (fd_frames && (ioctl(fd, SIOCGIFMTU, request) != 0 || request->ifr_mtu < FD_MTU)) {
        return err_set(
            err, ERR_IO,
            "%s: carries classical frames only, but the bus has a data_bitrate; `ip link "
            "set %s mtu %d` (a real one: `ip link set %s type can … fd on`)",
            name, name, FD_MTU, name);
    }
    return 0;
}

static int bind_interface(int fd, const char *interface, bool fd_frames, struct err *err)
{
    struct ifreq request = {.ifr_ifindex = 0};
    if (interface[0] == '\0' || strlen(interface) >= sizeof request.ifr_name) {
        return err_set(err, ERR_IO, "\"%s\": no interface has such a name", interface);
    }
    memcpy(request.ifr_name, interface, strlen(interface) + 1);
    if (ioctl(fd, SIOCGIFINDEX, &request) != 0) {
        return bad_interface(interface, err);
    }
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = request.ifr_ifindex};
    const int rc = check_interface(fd, &request, fd_frames, err);
    if (rc == 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return bad_interface(interface, err);
    }
    return rc;
}

int can_socket_open(const char *interface, bool fd_frames, struct err *err)
{
    const int fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (fd < 0) {
        return no_family(err);
    }
    int rc = bind_interface(fd, interface, fd_frames, err);
    rc = rc != 0 ? rc : set_options(fd, fd_frames, interface, err);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    return fd;
}

/* What is told. */

static void tell(struct can_socket *self, const char *text)
{
    struct sim *sim = self->bus->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_NOTE, self->node.source, 0, "%s", text);
    if (self->report != NULL) {
        self->report(self->report_ctx, self->name, text, sim->now_ns);
    }
}

static void set_up(struct can_socket *self, bool up)
{
    if (self->up != up) {
        self->up = up;
        tell(self, up ? "the interface is up again" : "the interface is down; `ip link set up` it");
    }
}

static void abandon(struct can_socket *self)
{
    real_time_enable(self->watch, false);
    self->up = false;
    self->gone = true;
    tell(self, "the interface is gone; nothing passes any more");
}

/* linux/can/error.h; the first that applies is told. */
static const struct {
    uint32_t class;
    uint8_t state; /* Of data[1] with CAN_ERR_CRTL; 0: any. */
    const char *text;
} error_rows[] = {
    {CAN_ERR_BUSOFF, 0, "the controller is bus-off"},
    {CAN_ERR_RESTARTED, 0, "the controller has been restarted"},
    {CAN_ERR_TX_TIMEOUT, 0, "a transmission timed out"},
    {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_OVERFLOW, "the controller has lost received frames"},
    {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE,
     "the controller is error-passive"},
    {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING,
     "the controller counts many errors"},
    {CAN_ERR_CRTL, CAN_ERR_CRTL_ACTIVE, "the controller is error-active again"},
    {CAN_ERR_ACK, 0, "nobody acknowledges on the wire"},
    {CAN_ERR_PROT | CAN_ERR_BUSERROR | CAN_ERR_TRX, 0, "errors on the wire"},
};

/* A fault on the wire yields thousands of them: only a change is told. */
static void take_error_frame(struct can_socket *self, const struct canfd_frame *in)
{
    self->stats.error_frames++;
    for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++) {
        if ((in->can_id & error_rows[i].class) != 0 &&
            (error_rows[i].state == 0 || (in->data[1] & error_rows[i].state) != 0)) {
            if (self->last_error != i + 1) {
                self->last_error = (uint32_t)i + 1;
                tell(self, error_rows[i].text);
            }
            return;
        }
    }
}

/* From the simulated bus to the interface. */

static size_t encode(const struct can_frame *frame, struct canfd_frame *out)
{
    const bool fd = (frame->flags & CAN_FLAG_FD) != 0;
    *out = (struct canfd_frame){.can_id = frame->id, .len = frame->len_bytes};
    out->can_id |= (frame->flags & CAN_FLAG_EXT) != 0 ? CAN_EFF_FLAG : 0;
    if ((frame->flags & CAN_FLAG_RTR) != 0) {
        out->can_id |= CAN_RTR_FLAG;
        return CLASSICAL_MTU;
    }
    memcpy(out->data, frame->data, frame->len_bytes);
    if (!fd) {
        return CLASSICAL_MTU;
    }
    out->flags = (uint8_t)(((frame->flags & CAN_FLAG_BRS) != 0 ? CANFD_BRS : 0) |
                           ((frame->flags & CAN_FLAG_ESI) != 0 ? CANFD_ESI : 0));
    return FD_MTU;
}

/* False: the interface has no room. */
static bool put(struct can_socket *self, const struct can_frame *frame)
{
    struct canfd_frame out;
    const size_t len = encode(frame, &out);
    if (write(self->fd, &out, len) == (ssize_t)len) {
        self->stats.sent++;
        set_up(self, true);
        return true;
    }
    if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) {
        self->stats.retries++;
        return false;
    }
    self->stats.lost_out++;
    set_up(self, false);
    return true;
}

static void flush(struct can_socket *self)
{
    while (self->waiting_len > 0 && put(self, &self->waiting[self->waiting_head])) {
        self->waiting_head = (self->waiting_head + 1) % CAN_SOCKET_WAITING_MAX;
        self->waiting_len--;
    }
    if (self->waiting_len > 0) {
        sim_schedule(self->bus->sim, &self->retry, self->bus->sim->now_ns + RETRY_NS);
    }
}

static void on_retry(struct sim *sim, void *ctx)
{
    (void)sim;
    flush(ctx);
}

static void on_frame(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    struct can_socket *self = ctx;
    (void)now_ns;
    if (self->gone || self->waiting_len == CAN_SOCKET_WAITING_MAX) {
        self->stats.lost_out++;
        return;
    }
    const size_t tail = (self->waiting_head + self->waiting_len) % CAN_SOCKET_WAITING_MAX;
    self->waiting[tail] = *frame;
    self->waiting_len++;
    if (!sim_event_pending(&self->retry)) {
        flush(self);
    }
}

/* From the interface to the simulated bus. */

static bool decode(const struct canfd_frame *in, size_t len_bytes, struct can_frame *frame)
{
    const bool fd = len_bytes == FD_MTU;
    const bool ext = (in->can_id & CAN_EFF_FLAG) != 0;
    const bool rtr = !fd && (in->can_id & CAN_RTR_FLAG) != 0;
    if ((!fd && len_bytes != CLASSICAL_MTU) || in->len > (fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN)) {
        return false;
    }
    *frame = (struct can_frame){.id = in->can_id & (ext ? CAN_EFF_MASK : CAN_SFF_MASK),
                                .len_bytes = in->len};
    frame->flags =
        (uint8_t)((ext ? CAN_FLAG_EXT : 0u) | (rtr ? CAN_FLAG_RTR : 0u) | (fd ? CAN_FLAG_FD : 0u) |
                  (fd && (in->flags & CANFD_BRS) != 0 ? CAN_FLAG_BRS : 0u) |
                  (fd && (in->flags & CANFD_ESI) != 0 ? CAN_FLAG_ESI : 0u));
    memcpy(frame->data, in->data, rtr ? 0 : in->len);
    return can_frame_valid(frame);
}

static void take(struct can_socket *self, const struct canfd_frame *in, size_t len_bytes)
{
    struct can_frame frame;
    if (len_bytes >= CLASSICAL_MTU && (in->can_id & CAN_ERR_FLAG) != 0) {
        take_error_frame(self, in);
    } else if (decode(in, len_bytes, &frame) &&
               can_node_send(&self->node, &frame) == CAN_SEND_QUEUED) {
        self->stats.received++;
    } else {
        self->stats.lost_in++;
    }
}

static void take_trouble(struct can_socket *self, int error)
{
    if (error == ENETDOWN) {
        set_up(self, false);
    } else if (error != EAGAIN && error != EINTR) {
        abandon(self);
    }
}

static bool has_room(const struct can_socket *self)
{
    return self->node.queue_used < self->node.cfg.queue_len;
}

/* What the simulated bus cannot take yet stays in the socket. */
static void pull(struct can_socket *self)
{
    struct canfd_frame in;
    ssize_t got = 0;
    while (has_room(self) && (got = read(self->fd, &in, sizeof in)) > 0) {
        take(self, &in, (size_t)got);
        set_up(self, true);
    }
    if (!has_room(self)) {
        real_time_enable(self->watch, false);
    } else {
        take_trouble(self, got < 0 ? errno : ENODEV);
    }
}

static void on_readable(void *ctx, sim_ns_t now_ns)
{
    (void)now_ns;
    pull(ctx);
}

static void on_confirm(void *ctx, const struct can_frame *frame, sim_ns_t now_ns)
{
    (void)frame;
    (void)now_ns;
    const struct can_socket *self = ctx;
    if (!self->gone) {
        real_time_enable(self->watch, true);
    }
}

/* Life. */

static const struct can_node_ops node_ops = {.on_frame = on_frame, .on_confirm = on_confirm};

struct can_socket *can_socket_new(struct can_bus *bus, struct real_time *driver, int fd,
                                  const char *interface, can_socket_report_fn *report, void *ctx)
{
    struct can_socket *self = calloc(1, sizeof *self);
    if (self == NULL || (self->watch = real_time_add(driver, fd, on_readable, self)) == NULL) {
        close(fd);
        free(self);
        return NULL;
    }
    CHECK(strlen(interface) < sizeof self->name);
    memcpy(self->name, interface, strlen(interface) + 1);
    self->bus = bus;
    self->fd = fd;
    self->up = true;
    self->report = report;
    self->report_ctx = ctx;
    sim_event_init(&self->retry, SIM_NODE, on_retry, self, NULL);
    can_node_init(&self->node, &(struct can_node_cfg){.name = self->name,
                                                      .ops = &node_ops,
                                                      .ctx = self,
                                                      .queue_len = CAN_QUEUE_MAX});
    can_bus_attach(bus, &self->node);
    return self;
}

void can_socket_free(struct can_socket *self)
{
    if (self == NULL) {
        return;
    }
    sim_cancel(self->bus->sim, &self->retry);
    can_bus_detach(self->bus, &self->node);
    real_time_remove(self->watch);
    close(self->fd);
    free(self);
}

struct can_socket_stats can_socket_stats(const struct can_socket *self)
{
    return self->stats;
}

bool can_socket_is_up(const struct can_socket *self)
{
    return self->up;
}
