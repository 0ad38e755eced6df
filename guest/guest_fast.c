/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_fast.c - CAN frames of guests that go through shared memory instead of system calls.
 */
#include "guest/guest_fast.h"

#include "guest/af_can/af_can_outlook.h"
#include "guest/can_channel_private.h"
#include "guest/preload/fast_page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(struct fast_page) <= FAST_PAGE_SIZE, "the page holds it");

/* What the page said when the thread was let run, and what it stands for. */
struct guest_fast {
    struct fast_page *page;
    unsigned users; /* Processes that have it mapped. */
    bool stopped;
    uint32_t generation;
    unsigned next; /* The slot that the next socket gets. */
    struct fast_socket {
        int fd; /* -1: none. */
        const struct can_channel *channel;
        uint32_t number; /* Of the channel: another one may lie at the same address. */
        uint32_t room;
        uint32_t queue_len;
    } sockets[FAST_SLOTS];
};

static struct guest_fast *fast_make(int fd)
{
    struct guest_fast *fast = calloc(1, sizeof *fast);
    if (!fast) {
        return NULL;
    }
    fast->page = mmap(NULL, FAST_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fast->page == MAP_FAILED) {
        free(fast);
        return NULL;
    }
    fast->page->version = FAST_PAGE_VERSION;
    fast->users = 1;
    for (size_t i = 0; i < FAST_SLOTS; i++) {
        fast->sockets[i].fd = -1;
        fast->page->slots[i].fd = -1;
    }
    return fast;
}

enum guest_verdict guest_fast_give(struct supervisor *s, struct guest_thread *t)
{
    if (s->cfg.real_time || t->process->fast) {
        return guest_error(t, EINVAL);
    }
    int fd = memfd_create("frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return guest_error(t, ENOMEM);
    }
    /* Nobody can take memory away from under the supervisor. */
    bool made = ftruncate(fd, FAST_PAGE_SIZE) == 0 &&
                fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
    t->process->fast = made ? fast_make(fd) : NULL;
    enum guest_verdict verdict =
        t->process->fast ? guest_give_fd(s, t, fd, true) : guest_error(t, ENOMEM);
    close(fd);
    return verdict;
}

void guest_fast_inherit(struct guest_process *child, const struct guest_process *parent)
{
    child->fast = parent->fast;
    if (child->fast) {
        child->fast->users++;
    }
}

void guest_fast_drop(struct supervisor *s, struct guest_process *process)
{
    struct guest_fast *fast = process->fast;
    process->fast = NULL;
    if (!fast) {
        return;
    }
    if (s->fast == process) {
        s->fast = NULL;
    }
    if (--fast->users == 0) {
        munmap(fast->page, FAST_PAGE_SIZE);
        free(fast);
    }
}

void *guest_fast_page(const struct guest_process *process)
{
    return process->fast ? process->fast->page : NULL;
}

void guest_fast_stop(struct guest_process *process)
{
    if (process->fast) {
        process->fast->stopped = true;
        process->fast->page->on = 0;
    }
}

void guest_fast_note(struct guest_process *process, int fd, const struct can_channel *channel)
{
    struct guest_fast *fast = process->fast;
    if (!fast || channel->shows || can_channel_remembered(process, fd) != channel) {
        return;
    }
    struct fast_socket *socket = NULL;
    for (size_t i = 0; i < FAST_SLOTS && !socket; i++) {
        socket = fast->sockets[i].fd == fd ? &fast->sockets[i] : NULL;
    }
    if (socket && socket->channel == channel && socket->number == channel->number) {
        return;
    }
    if (!socket) {
        socket = &fast->sockets[fast->next];
        fast->next = (fast->next + 1) % FAST_SLOTS;
    }
    *socket = (struct fast_socket){.fd = fd, .channel = channel, .number = channel->number};
}

/* The channel, if the number still means what it meant; else the slot is free. */
static const struct can_channel *socket_channel(const struct guest_process *process,
                                                struct fast_socket *socket)
{
    const struct can_channel *channel = can_channel_remembered(process, socket->fd);
    if (!channel || channel != socket->channel || channel->number != socket->number ||
        channel->shows) {
        *socket = (struct fast_socket){.fd = -1};
        return NULL;
    }
    return channel;
}

static void show_queue(struct fast_slot *slot, const struct af_can_socket *can)
{
    struct af_can_outlook_frame frame = af_can_outlook_frame(can, 0);
    slot->queue_len = 0;
    while (frame.data && slot->queue_len < FAST_QUEUE && frame.len_bytes <= FAST_FRAME_BYTES) {
        struct fast_frame *to = &slot->queue[slot->queue_len++];
        to->len_bytes = (uint32_t)frame.len_bytes;
        to->flags = (uint32_t)frame.flags;
        memcpy(to->bytes, frame.data, frame.len_bytes);
        frame = af_can_outlook_frame(can, slot->queue_len);
    }
    slot->all_queued = frame.data == NULL;
}

static void show_socket(struct guest_fast *fast, const struct guest_process *process, size_t i)
{
    struct fast_socket *socket = &fast->sockets[i];
    struct fast_slot *slot = &fast->page->slots[i];
    struct af_can_outlook outlook;
    slot->fd = -1;
    const struct can_channel *channel = socket->fd >= 0 ? socket_channel(process, socket) : NULL;
    if (!channel || !channel->model.can || !af_can_outlook(channel->model.can, &outlook)) {
        socket->room = socket->queue_len = 0;
        return;
    }
    show_queue(slot, channel->model.can);
    slot->fd = socket->fd;
    slot->nonblocking = channel->flags == CAN_CHANNEL_NONBLOCKING;
    slot->takes_fd = outlook.takes_fd;
    slot->full_then = outlook.full_then;
    slot->no_control = outlook.no_control;
    slot->room = outlook.room;
    slot->taken = fast_word(fast->generation, 0, 0);
    socket->room = outlook.room;
    socket->queue_len = slot->queue_len;
}

static struct guest_fast *fast_of(const struct supervisor *s, const struct guest_thread *t)
{
    struct guest_fast *fast = t->process->fast;
    bool fit = fast && fast->users == 1 && !fast->stopped && !s->birth.due && !s->calls_log;
    return fit ? fast : NULL;
}

void guest_fast_publish(struct supervisor *s, const struct guest_thread *t)
{
    struct guest_fast *fast = fast_of(s, t);
    if (s->fast && s->fast->fast != fast) {
        s->fast->fast->page->on = 0;
    }
    s->fast = fast ? t->process : NULL;
    if (!fast) {
        return;
    }
    fast->generation++;
    for (size_t i = 0; i < FAST_SLOTS; i++) {
        show_socket(fast, t->process, i);
    }
    fast->page->written = fast_word(fast->generation, 0, 0);
    fast->page->on = 1;
}

/* As the reads would have done: what they got is known already. */
static uint32_t take_reads(const struct fast_socket *socket, const struct fast_slot *slot)
{
    uint32_t count = fast_count(slot->taken);
    count = count < socket->queue_len ? count : socket->queue_len;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t bytes[FAST_FRAME_BYTES];
        struct af_can_message message = {.data = bytes, .data_bytes = sizeof bytes};
        af_can_receive(socket->channel->model.can, &message);
    }
    return count;
}

/* What is not valid is refused, as a call with it would be. */
static uint32_t take_writes(const struct guest_fast *fast)
{
    uint64_t written = fast->page->written;
    uint32_t slot = fast_slot_of(written);
    uint32_t count = slot < FAST_SLOTS ? fast_count(written) : 0;
    const struct fast_socket *socket = &fast->sockets[slot < FAST_SLOTS ? slot : 0];
    uint32_t most = socket->room < FAST_RING ? socket->room : FAST_RING;
    count = count < most ? count : most;
    for (uint32_t i = 0; i < count; i++) {
        struct fast_frame frame = fast->page->ring[i];
        struct af_can_message message = {.data = frame.bytes, .data_bytes = frame.len_bytes};
        if (frame.len_bytes <= sizeof frame.bytes) {
            af_can_send(socket->channel->model.can, &message);
        }
    }
    return count;
}

void guest_fast_take(struct supervisor *s)
{
    struct guest_process *process = s->fast;
    if (!process) {
        return;
    }
    struct guest_fast *fast = process->fast;
    s->fast = NULL;
    fast->page->on = 0;
    for (size_t i = 0; i < FAST_SLOTS; i++) {
        s->fast_frames += take_reads(&fast->sockets[i], &fast->page->slots[i]);
    }
    s->fast_frames += take_writes(fast);
}
