/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/isotp.c - see isotp.h. */
#include "tests/guest/kernel/isotp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static canid_t or_else(canid_t id, canid_t otherwise)
{
    return id != 0 ? id : otherwise;
}

static int open_with(const struct links *links, const struct isotp_cfg *cfg, canid_t tx_id,
                     canid_t rx_id)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = links->index[0]};
    const int fd = must(socket(PF_CAN, SOCK_DGRAM | cfg->socket_flags, CAN_ISOTP), "socket");
    address.can_addr.tp.tx_id = tx_id;
    address.can_addr.tp.rx_id = rx_id;
    must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &cfg->options, sizeof cfg->options),
         "options");
    if (cfg->with_fc) {
        must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_RECV_FC, &cfg->fc, sizeof cfg->fc), "FC");
    }
    if (cfg->with_ll) {
        must(setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_LL_OPTS, &cfg->ll, sizeof cfg->ll), "LL");
    }
    must(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
    return fd;
}

int isotp_open(const struct links *links, const struct isotp_cfg *cfg)
{
    return open_with(links, cfg, or_else(cfg->tx_id, FROM), or_else(cfg->rx_id, TO));
}

int isotp_open_peer(const struct links *links, const struct isotp_cfg *cfg)
{
    return open_with(links, cfg, or_else(cfg->rx_id, TO), or_else(cfg->tx_id, FROM));
}

static uint8_t message_byte(size_t i)
{
    return (uint8_t)(i * 7 + i / 256 + 1);
}

const uint8_t *message_bytes(void)
{
    static uint8_t bytes[MESSAGE_MAX];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = message_byte(i);
    }
    return bytes;
}

struct text message_text(int fd, int wait_ms)
{
    static uint8_t bytes[MESSAGE_MAX];
    poll_now(fd, wait_ms);
    const ssize_t len = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (len < 0) {
        return rc_text(len);
    }
    if (len >= 4 && memcmp(bytes, message_bytes(), (size_t)len) == 0) {
        return text("%zd bytes, as sent", len);
    }
    return text("%zd bytes: %s", len, bytes_text(bytes, len < 20 ? (size_t)len : 20).chars);
}

struct text send_text(int fd, size_t len)
{
    return rc_text(send(fd, message_bytes(), len, 0));
}

struct text error_of(int fd)
{
    int error = -1;
    socklen_t len = sizeof error;
    must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), "SO_ERROR");
    return errno_text(error);
}

int monitor_open(const struct links *links)
{
    static const struct can_filter filter = {0x6F0, 0x7F0 | CAN_EFF_FLAG | CAN_RTR_FLAG};
    const int large = 1 << 20;
    const int fd = raw_socket(links->index[0], SOCK_NONBLOCK);
    must(setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, &filter, sizeof filter), "filter");
    must(on(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    must(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof large), "buffer");
    return fd;
}

void say_frames(int monitor, const char *name, int frames_max)
{
    struct canfd_frame frame;
    int count = 0;
    for (ssize_t size; (size = take(monitor, &frame, sizeof frame, NEXT_FRAME_MS)) >= 0; count++) {
        if (count < frames_max) {
            say(text("%s: frame %d", name, count).chars, "%s", frame_text(&frame, size).chars);
        }
    }
    if (count > frames_max || count == 0) {
        say(text("%s: frames", name).chars, "%d", count);
    }
}

void inject(int fd, canid_t id, const char *bytes, size_t len)
{
    const struct can_frame frame = frame_of(id, (uint8_t)len, bytes);
    must(write_patiently(fd, &frame, sizeof frame), "write");
}
