/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/bcm.c - see bcm.h. */
#include "tests/guest/kernel/bcm.h"

#include <string.h>
#include <unistd.h>

static const char *const opcode_names[] = {
    "0",       "TX_SETUP",  "TX_DELETE",  "TX_READ",   "TX_SEND",    "RX_SETUP",   "RX_DELETE",
    "RX_READ", "TX_STATUS", "TX_EXPIRED", "RX_STATUS", "RX_TIMEOUT", "RX_CHANGED",
};

int bcm_open(int ifindex)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = ifindex};
    const int fd = must(socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_BCM), "socket");
    must(connect(fd, (const struct sockaddr *)&address, sizeof address), "connect");
    return fd;
}

static struct bcm_timeval time_of(long us)
{
    return (struct bcm_timeval){us / 1000000, us % 1000000};
}

static long us_of(struct bcm_timeval time)
{
    return time.tv_sec * 1000000 + time.tv_usec;
}

static size_t frame_bytes(uint32_t flags)
{
    return (flags & CAN_FD_FRAME) != 0 ? CANFD_MTU : CAN_MTU;
}

size_t bcm_message(const struct bcm_job *job, uint8_t *bytes)
{
    const size_t size = frame_bytes(job->flags);
    const struct bcm_msg_head head = {.opcode = job->opcode,
                                      .flags = job->flags,
                                      .count = job->count,
                                      .ival1 = time_of(job->first_us),
                                      .ival2 = time_of(job->second_us),
                                      .can_id = job->id,
                                      .nframes = job->nframes};
    memset(bytes, 0, BCM_MESSAGE_MAX);
    memcpy(bytes, &head, sizeof head);
    for (uint32_t i = 0; i < job->nframes && i < BCM_FRAMES_MAX; i++) {
        struct canfd_frame frame = {.can_id = job->id, .len = job->len};
        frame.data[0] = (uint8_t)i;
        if (job->data != NULL) {
            memcpy(frame.data, job->data + i * 8, 8);
        }
        memcpy(bytes + sizeof head + i * size, &frame, size);
    }
    return sizeof head + job->nframes * size;
}

struct text bcm_write(int fd, const struct bcm_job *job, size_t size)
{
    uint8_t bytes[BCM_MESSAGE_MAX];
    const size_t right = bcm_message(job, bytes);
    return rc_text(write(fd, bytes, size != 0 ? size : right));
}

static struct text decode(const uint8_t *bytes, ssize_t size)
{
    struct bcm_msg_head head;
    if (size < 0) {
        return rc_text(size);
    }
    if (size < (ssize_t)sizeof head) {
        return text("%zd bytes", size);
    }
    memcpy(&head, bytes, sizeof head);
    struct text made =
        text("%s flags %X count %u ival %ld %ld id %X nframes %u",
             head.opcode < 13 ? opcode_names[head.opcode] : "?", head.flags, head.count,
             us_of(head.ival1), us_of(head.ival2), head.can_id, head.nframes);
    size_t at = sizeof head;
    for (; at + frame_bytes(head.flags) <= (size_t)size; at += frame_bytes(head.flags)) {
        const struct text frame = frame_text(bytes + at, (ssize_t)frame_bytes(head.flags));
        const size_t used = strlen(made.chars);
        if (used + strlen(frame.chars) + 2 < sizeof made.chars) {
            made.chars[used] = ' ';
            memcpy(made.chars + used + 1, frame.chars, strlen(frame.chars) + 1);
        }
    }
    return at == (size_t)size ? made : text("%s and %zu bytes", made.chars, (size_t)size - at);
}

struct text bcm_text(int fd, int wait_ms)
{
    uint8_t bytes[BCM_MESSAGE_MAX];
    const ssize_t size = take(fd, bytes, sizeof bytes, wait_ms);
    return decode(bytes, size);
}

void bcm_say_all(int fd, const char *name, int quiet_ms)
{
    uint8_t bytes[BCM_MESSAGE_MAX];
    int count = 0;
    for (ssize_t size; (size = take(fd, bytes, sizeof bytes, quiet_ms)) >= 0; count++) {
        say(text("%s: message %d", name, count).chars, "%s", decode(bytes, size).chars);
    }
    if (count == 0) {
        say(text("%s: messages", name).chars, "none");
    }
}
