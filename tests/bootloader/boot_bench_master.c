/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bootloader/boot_bench_master.c - a small master: the paper's sequence, with a journal. */
#include "tests/bootloader/boot_bench.h"

#include <openssl/sha.h>
#include <string.h>

enum { SEGMENT_TRIES = 4, BLOCK_DATA = 1024, LINE_DEFAULT = 28 };

uint32_t bench_key(uint32_t seed)
{
    uint32_t key = seed ^ BENCH_SECRET;
    for (int i = 0; i < 35; i++) {
        key = (key & 0x80000000u) != 0 ? (key << 1) ^ BENCH_SECRET : key << 1;
    }
    return key;
}

int bench_unlock(struct boot_bench *bench)
{
    uint8_t request[6] = {0x27, 0x02};
    int nrc = bench_ask(bench, "27 01");
    if (nrc != 0) {
        return nrc;
    }
    const uint32_t seed = proto_get_u32(bench->answer + 2);
    if (seed == 0) {
        return 0;
    }
    proto_put_u32(request + 2, bench_key(seed));
    return bench_request(bench, request, sizeof request);
}

/* As the application does it: note the request, answer 78, reset. */
static int leave_application(struct boot_bench *bench)
{
    bench->answer_len = 0;
    if (!bench->powered) {
        return BENCH_POWER_LOST;
    }
    bench_nvm_write(bench, BOOT_NVM_PROGRAMMING_REQUEST, BOOT_REQUEST_PROGRAMMING_ANSWER);
    bench_reset(bench);
    return bench_wait_answer(bench, SIM_S(5));
}

int bench_enter_programming(struct boot_bench *bench)
{
    int nrc;
    if (bench->in_application) {
        bench_run_for(bench, SIM_MS(100));
        nrc = leave_application(bench);
    } else {
        nrc = bench_ask(bench, "10 03");
        if (nrc == UDS_NRC_BUSY_REPEAT) {
            bench_run_for(bench, SIM_MS(200));
            nrc = bench_ask(bench, "10 03");
        }
        nrc = nrc == 0 ? bench_ask(bench, "10 02") : nrc;
    }
    return nrc == 0 ? bench_unlock(bench) : nrc;
}

int bench_erase(struct boot_bench *bench, uint32_t start, uint32_t len)
{
    uint8_t request[13] = {0x31, 0x01, 0xFF, 0x00, 0x44};
    proto_put_u32(request + 5, start);
    proto_put_u32(request + 9, len);
    return bench_request(bench, request, sizeof request);
}

int bench_download(struct boot_bench *bench, uint32_t start, uint32_t len)
{
    uint8_t request[11] = {0x34, 0x00, 0x44};
    proto_put_u32(request + 3, start);
    proto_put_u32(request + 7, len);
    return bench_request(bench, request, sizeof request);
}

/* S3 with its checksum: ones' complement of the sum of count, address and data. */
static uint16_t make_line(uint8_t *to, uint32_t address, const uint8_t *data, uint16_t len)
{
    to[0] = 3;
    to[1] = (uint8_t)(len + 5);
    proto_put_u32(to + 2, address);
    memcpy(to + 6, data, len);
    unsigned sum = 0;
    for (uint16_t i = 1; i < len + 6; i++) {
        sum += to[i];
    }
    to[6 + len] = (uint8_t)~sum;
    return (uint16_t)(len + 7);
}

int bench_transfer(struct boot_bench *bench, uint8_t counter, uint32_t address, const uint8_t *data,
                   uint16_t len)
{
    uint8_t request[2 + BLOCK_DATA + 8] = {0x36, counter};
    if (bench->cfg.style == BOOT_STYLE_S19_LINE) {
        len = make_line(request + 2, address, data, len);
    } else {
        memcpy(request + 2, data, len);
    }
    return bench_request(bench, request, (uint16_t)(2 + len));
}

/* Bit by bit, and with the library's SHA-1: not the code under test. */
static uint32_t crc32_slow(const uint8_t *data, uint32_t len)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < len * 8; i++) {
        const uint32_t bit = (crc ^ ((uint32_t)data[i / 8] >> (i % 8))) & 1u;
        crc = (crc >> 1) ^ (bit != 0 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

/* Bit by bit: from the highest bit on, or from the lowest. */
static uint16_t crc16_slow(const uint8_t *data, uint32_t len)
{
    uint16_t crc = 0xFFFF;
    for (uint32_t i = 0; i < len * 8; i++) {
        const unsigned bit = (unsigned)(crc >> 15) ^ ((unsigned)data[i / 8] >> (7 - i % 8) & 1u);
        crc = (uint16_t)((unsigned)(crc << 1) ^ (bit != 0 ? 0x1021u : 0u));
    }
    return crc;
}

static uint16_t crc16_x25_slow(const uint8_t *data, uint32_t len)
{
    uint16_t crc = 0xFFFF;
    for (uint32_t i = 0; i < len * 8; i++) {
        const unsigned bit = (crc ^ ((unsigned)data[i / 8] >> (i % 8))) & 1u;
        crc = (uint16_t)((crc >> 1) ^ (bit != 0 ? 0x8408u : 0u));
    }
    return (uint16_t)~crc;
}

int bench_exit(struct boot_bench *bench, const uint8_t *data, uint32_t len)
{
    uint8_t request[1 + SHA256_DIGEST_LENGTH] = {0x37};
    uint16_t check_len = 0;
    switch (bench->cfg.check) {
    case BOOT_CHECK_SHA1:
        SHA1(data, len, request + 1);
        check_len = SHA_DIGEST_LENGTH;
        break;
    case BOOT_CHECK_CRC32:
        proto_put_u32(request + 1, crc32_slow(data, len));
        check_len = 4;
        break;
    case BOOT_CHECK_SUM8:
        for (uint32_t i = 0; i < len; i++) {
            request[1] = (uint8_t)(request[1] + data[i]);
        }
        check_len = 1;
        break;
    case BOOT_CHECK_CRC16:
        proto_put_u16(request + 1, crc16_slow(data, len));
        check_len = 2;
        break;
    case BOOT_CHECK_CRC16_X25:
        proto_put_u16(request + 1, crc16_x25_slow(data, len));
        check_len = 2;
        break;
    case BOOT_CHECK_SHA256:
        SHA256(data, len, request + 1);
        check_len = SHA256_DIGEST_LENGTH;
        break;
    }
    return bench_request(bench, request, (uint16_t)(1 + check_len));
}

static int send_data(struct boot_bench *bench, const struct bench_image *image,
                     const struct bench_segment *segment, uint32_t from,
                     struct bench_journal *journal)
{
    const uint16_t line = image->line_len != 0 ? image->line_len : LINE_DEFAULT;
    const uint16_t step = bench->cfg.style == BOOT_STYLE_BLOCK ? BLOCK_DATA : line;
    uint8_t counter = 1;
    for (uint32_t at = from; at < segment->len; at += step) {
        const uint16_t len =
            segment->len - at < step ? (uint16_t)(segment->len - at) : (uint16_t)step;
        const uint8_t *data = image->bytes + (segment->start - image->base) + at;
        const int nrc = bench_transfer(bench, counter++, segment->start + at, data, len);
        if (nrc != 0) {
            return nrc;
        }
        journal->acknowledged = at + len;
    }
    return 0;
}

int bench_send_segment(struct boot_bench *bench, const struct bench_image *image, uint8_t index,
                       uint32_t from, struct bench_journal *journal)
{
    const struct bench_segment *segment = &image->segments[index];
    const uint8_t *bytes = image->bytes + (segment->start - image->base);
    /* Lines say where they belong; blocks follow the address of 34. */
    const uint32_t first = bench->cfg.style == BOOT_STYLE_BLOCK ? from : 0;
    int nrc = 0;
    if (from < segment->len) {
        nrc = bench_download(bench, segment->start + first, segment->len - first);
        nrc = nrc == 0 ? send_data(bench, image, segment, from, journal) : nrc;
        nrc = nrc == 0 ? bench_exit(bench, bytes + first, segment->len - first) : nrc;
    }
    if (nrc == 0 && from > 0) {
        nrc = bench_download(bench, segment->start, segment->len);
        nrc = nrc == 0 ? bench_exit(bench, bytes, segment->len) : nrc;
    }
    return nrc;
}

/* 72 at the end means that something acknowledged was lost: the segment is sent again. */
static int bring_segment(struct boot_bench *bench, const struct bench_image *image, uint8_t index,
                         struct bench_journal *journal)
{
    uint32_t from = index < journal->segment    ? image->segments[index].len
                    : index == journal->segment ? journal->acknowledged
                                                : 0;
    struct bench_journal scratch = *journal;
    struct bench_journal *counting = index == journal->segment ? journal : &scratch;
    int nrc = UDS_NRC_PROGRAMMING_FAILURE;
    for (int i = 0; i < SEGMENT_TRIES && nrc == UDS_NRC_PROGRAMMING_FAILURE; i++) {
        nrc = bench_send_segment(bench, image, index, from, counting);
        from = 0;
    }
    return nrc;
}

static int bring_image(struct boot_bench *bench, const struct bench_image *image,
                       struct bench_journal *journal)
{
    if (!journal->erased) {
        const int nrc = bench_erase(bench, image->base, image->len);
        if (nrc != 0) {
            return nrc;
        }
        *journal = (struct bench_journal){.erased = true};
    }
    for (uint8_t i = 0; i < image->segments_len; i++) {
        const int nrc = bring_segment(bench, image, i, journal);
        if (nrc != 0) {
            return nrc;
        }
        if (i >= journal->segment) {
            journal->segment = (uint8_t)(i + 1);
            journal->acknowledged = 0;
        }
    }
    return 0;
}

int bench_update(struct boot_bench *bench, const struct bench_image *image,
                 struct bench_journal *journal)
{
    uint8_t dependencies[6] = {0x31, 0x01, 0xFF, 0x01, 0, image->segments_len};
    int nrc = bench_enter_programming(bench);
    nrc = nrc == 0 ? bring_image(bench, image, journal) : nrc;
    nrc = nrc == 0 ? bench_request(bench, dependencies, sizeof dependencies) : nrc;
    if (nrc == 0 && bench->answer[4] != 0) {
        return 0x200 + bench->answer[4];
    }
    nrc = nrc == 0 ? bench_ask(bench, "10 01") : nrc;
    if (nrc == 0) {
        bench_run_for(bench, SIM_MS(300));
    }
    return !bench->powered ? BENCH_POWER_LOST : nrc;
}
