/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/kernel/bcm_fd.c - jobs of the broadcast manager on CAN FD frames. */
#include "tests/guest/kernel/bcm.h"

#include <unistd.h>

enum { ID = 0x6F3, PERIOD_US = 20000 };

struct pair {
    int bcm;
    int peer; /* RAW: sends, and hears ID. */
};

static struct pair pair_of(const struct links *links)
{
    const struct pair pair = {bcm_open(links->index[0]), raw_only(links->index[0], ID)};
    must(on(pair.peer, SOL_CAN_RAW, CAN_RAW_FD_FRAMES), "FD");
    return pair;
}

static void close_pair(struct pair pair)
{
    close(pair.bcm);
    close(pair.peer);
}

static void set(struct pair pair, const struct bcm_job *job, const char *name)
{
    say(name, "%s", bcm_write(pair.bcm, job, 0).chars);
}

/* Sends a frame of so many bytes, which begin with these, and says what comes of it. */
static void feed(struct pair pair, const char *data, uint8_t len)
{
    const struct can_frame frame = frame_of(ID, len, data);
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, frame_text(&frame, CAN_MTU).chars, 10);
}

static void receiving(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct canfd_frame frame = {.can_id = ID, .len = 12, .data = {1, 2, 3}};
    struct bcm_job job = {.opcode = RX_SETUP, .flags = RX_FILTER_ID, .id = ID};
    set(pair, &job, "classic job: RX_SETUP");
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, "classic job, FD frame", QUIET_MS);
    job.flags |= CAN_FD_FRAME;
    set(pair, &job, "FD job: RX_SETUP");
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, "FD job, FD frame", QUIET_MS);
    feed(pair, "both", 4);
    job.opcode = RX_DELETE;
    set(pair, &job, "FD job: RX_DELETE");
    job.opcode = RX_SETUP;
    job.flags = CAN_FD_FRAME;
    job.nframes = 1;
    job.len = 64;
    job.data = "\xFF\xFF\x00\x00\x00\x00\x00\x00";
    set(pair, &job, "FD job with a mask: RX_SETUP");
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    frame.data[2] = 9;
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    frame.data[1] = 9;
    must(write_patiently(pair.peer, &frame, sizeof frame), "write");
    bcm_say_all(pair.bcm, "FD job with a mask", QUIET_MS);
    close_pair(pair);
}

static void sending(const struct links *links)
{
    static const uint8_t lengths[] = {0, 8, 9, 64, 65};
    const struct pair pair = pair_of(links);
    struct bcm_job job = {.opcode = TX_SEND, .flags = CAN_FD_FRAME, .id = ID, .nframes = 1};
    for (size_t i = 0; i < sizeof lengths; i++) {
        job.len = lengths[i];
        job.opcode = TX_SEND;
        const struct text written = bcm_write(pair.bcm, &job, 0);
        say(text("TX_SEND, length %u", lengths[i]).chars, "%s, heard %s", written.chars,
            take_text(pair.peer, QUIET_MS).chars);
        job.opcode = TX_SETUP;
        set(pair, &job, text("TX_SETUP, length %u", lengths[i]).chars);
    }
    close_pair(pair);
}

/* The same identifier as a classical job is another job. */
static void beside_a_classical_job(const struct links *links)
{
    const struct pair pair = pair_of(links);
    struct bcm_job job = {.opcode = TX_SETUP, .id = ID, .nframes = 1, .len = 1};
    set(pair, &job, "classical TX_SETUP");
    job = (struct bcm_job){.opcode = TX_SETUP,
                           .flags = SETTIMER | STARTTIMER | CAN_FD_FRAME,
                           .count = 2,
                           .id = ID,
                           .nframes = 1,
                           .len = 12,
                           .first_us = PERIOD_US};
    set(pair, &job, "TX_SETUP");
    for (int i = 0; i < 3; i++) {
        say("heard", "%s", take_text(pair.peer, 100).chars);
    }
    job = (struct bcm_job){.opcode = TX_READ, .flags = CAN_FD_FRAME, .id = ID};
    set(pair, &job, "TX_READ");
    bcm_say_all(pair.bcm, "read", QUIET_MS);
    job.flags = 0;
    set(pair, &job, "TX_READ of the classical job");
    bcm_say_all(pair.bcm, "read of the classical job", QUIET_MS);
    close_pair(pair);
}

int main(int argc, char **argv)
{
    const struct links links = links_of(argc, argv);
    receiving(&links);
    sending(&links);
    beside_a_classical_job(&links);
    return 0;
}
