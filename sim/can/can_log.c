/* SPDX-License-Identifier: Apache-2.0 */
/* sim/can/can_log.c - candump and pcapng writers.
 *
 * Both run once per frame of a fully traced run, so they format by hand into a buffer of their own
 * and hand it to the file in large pieces. */
#include "sim/can/can_log.h"

#include "sim/can/can_bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_BYTES = 1 << 16,
    ENTRY_BYTES_MAX = 1024, /* No entry of either format is longer. */
    NO_INTERFACE = 0xFFFF,
};

/* linux/can.h and linux/can/error.h. */
enum {
    SOCKETCAN_HEADER_BYTES = 8,
    CANFD_BRS = 0x01,
    CANFD_ESI = 0x02,
    CANFD_FDF = 0x04,
    ERR_FRAME_BYTES = 8,
    ERR_DATA_PROTOCOL = 2,
    ERR_DATA_LOCATION = 3,
    ERR_DATA_TEC = 6,
    ERR_DATA_REC = 7,
    ERR_PROT_BIT = 0x01,
    ERR_PROT_FORM = 0x02,
    ERR_PROT_STUFF = 0x04,
    ERR_PROT_TX = 0x80,
    ERR_LOC_CRC_SEQUENCE = 0x08,
    ERR_LOC_ACK = 0x19,
};
#define SOCKETCAN_EFF 0x80000000u
#define SOCKETCAN_RTR 0x40000000u
#define SOCKETCAN_ERR 0x20000000u
#define ERR_PROT      0x00000008u
#define ERR_ACK       0x00000020u
#define ERR_BUSERROR  0x00000080u
#define ERR_CNT       0x00000200u

struct can_log {
    FILE *file;
    int failed_errno; /* Of the first write that failed. */
    char path[256];
    uint64_t second; /* candump: the second whose digits are in second_text. */
    char second_text[24];
    size_t second_len;
    uint16_t bus; /* candump: the source whose name is in bus_text. */
    char bus_text[TRACE_BYTES_MAX + 1];
    size_t bus_len;
    uint16_t interfaces; /* pcapng: how many have been described. */
    uint16_t interface_of[TRACE_SOURCES_MAX];
    size_t len;
    uint8_t buffer[BUFFER_BYTES];
};

void can_log_frame(const struct trace_rec *rec, struct can_frame *frame)
{
    CHECK(rec->kind == TRACE_CAN_FRAME && rec->bytes_len <= CAN_DATA_MAX);
    frame->id = (uint32_t)rec->arg[0];
    frame->flags = (uint8_t)rec->arg[1];
    if ((frame->flags & CAN_FLAG_RTR) != 0) {
        frame->len_bytes = rec->arg[1] >> 8 & 15u;
        return;
    }
    frame->len_bytes = (uint8_t)rec->bytes_len;
    if (rec->bytes_len > 0) {
        memcpy(frame->data, rec->bytes, rec->bytes_len);
    }
}

static void flush(struct can_log *log)
{
    if (log->len > 0 && fwrite(log->buffer, 1, log->len, log->file) != log->len &&
        log->failed_errno == 0) {
        log->failed_errno = errno != 0 ? errno : EIO;
    }
    log->len = 0;
}

void can_log_flush(struct can_log *log)
{
    flush(log);
    (void)fflush(log->file);
}

/* Room for one entry. */
static uint8_t *reserve(struct can_log *log)
{
    if (log->len + ENTRY_BYTES_MAX > BUFFER_BYTES) {
        flush(log);
    }
    return log->buffer + log->len;
}

static void commit(struct can_log *log, const uint8_t *end)
{
    log->len = (size_t)(end - log->buffer);
    CHECK(log->len <= BUFFER_BYTES);
}

/* What SocketCAN would have received: a data, remote or error frame. */
struct packet {
    uint32_t can_id; /* With its three flags. */
    bool fd;
    uint8_t fd_flags;
    uint8_t len; /* DLC in bytes; a remote frame has no data. */
    uint8_t data_len;
    const uint8_t *data;
    uint8_t error_data[ERR_FRAME_BYTES];
};

static void packet_of_frame(const struct trace_rec *rec, struct packet *packet)
{
    const unsigned flags = (unsigned)rec->arg[1];
    const bool remote = (flags & CAN_FLAG_RTR) != 0;
    packet->can_id = (uint32_t)rec->arg[0] | ((flags & CAN_FLAG_EXT) != 0 ? SOCKETCAN_EFF : 0) |
                     (remote ? SOCKETCAN_RTR : 0);
    packet->fd = (flags & CAN_FLAG_FD) != 0;
    packet->fd_flags = (uint8_t)(((flags & CAN_FLAG_BRS) != 0 ? CANFD_BRS : 0) |
                                 ((flags & CAN_FLAG_ESI) != 0 ? CANFD_ESI : 0));
    packet->data_len = (uint8_t)rec->bytes_len;
    packet->len = remote ? flags >> 8 & 15u : packet->data_len;
    packet->data = rec->bytes;
}

static uint8_t at_most_255(uint64_t value)
{
    return (uint8_t)(value < UINT8_MAX ? value : UINT8_MAX);
}

static void packet_of_error(const struct trace_rec *rec, struct packet *packet)
{
    static const struct {
        uint32_t id;
        uint8_t protocol;
        uint8_t location;
    } rows[] = {
        [CAN_ERROR_BIT] = {ERR_PROT, ERR_PROT_BIT | ERR_PROT_TX, 0},
        [CAN_ERROR_STUFF] = {ERR_PROT, ERR_PROT_STUFF, 0},
        [CAN_ERROR_CRC] = {ERR_PROT, 0, ERR_LOC_CRC_SEQUENCE},
        [CAN_ERROR_FORM] = {ERR_PROT, ERR_PROT_FORM, 0},
        [CAN_ERROR_ACK] = {ERR_ACK, ERR_PROT_TX, ERR_LOC_ACK},
    };
    CHECK(rec->arg[0] < ARRAY_SIZE(rows));
    packet->can_id = SOCKETCAN_ERR | ERR_BUSERROR | ERR_CNT | rows[rec->arg[0]].id;
    packet->error_data[ERR_DATA_PROTOCOL] = rows[rec->arg[0]].protocol;
    packet->error_data[ERR_DATA_LOCATION] = rows[rec->arg[0]].location;
    packet->error_data[ERR_DATA_TEC] = at_most_255(rec->arg[3]);
    packet->error_data[ERR_DATA_REC] = at_most_255(rec->arg[4]);
    packet->len = ERR_FRAME_BYTES;
    packet->data_len = ERR_FRAME_BYTES;
    packet->data = packet->error_data;
}

/* False if the record is not one of a bus log. */
static bool packet_of(const struct trace_rec *rec, struct packet *packet)
{
    memset(packet, 0, sizeof(*packet));
    if (rec->kind == TRACE_CAN_FRAME) {
        packet_of_frame(rec, packet);
        return true;
    }
    if (rec->kind == TRACE_CAN_ERROR) {
        packet_of_error(rec, packet);
        return true;
    }
    return false;
}

static uint8_t *put_text(uint8_t *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

#define HEX_ROW(h)                                                                                 \
    h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "A" h "B" h "C" h "D" h "E" h "F"
static const char hex_pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
    HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("A") HEX_ROW("B")
        HEX_ROW("C") HEX_ROW("D") HEX_ROW("E") HEX_ROW("F");

static uint8_t *put_hex_byte(uint8_t *at, uint8_t byte)
{
    memcpy(at, hex_pairs + 2 * byte, 2);
    return at + 2;
}

static uint8_t *put_hex(uint8_t *at, uint32_t value, unsigned digits)
{
    for (unsigned shift = 4 * digits; shift > 0; shift -= 4) {
        *at++ = (uint8_t)hex_pairs[2 * (value >> (shift - 4) & 15u) + 1];
    }
    return at;
}

static uint8_t *put_decimal(uint8_t *at, uint32_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--) {
        at[i - 1] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

static uint8_t *put_candump_time(struct can_log *log, uint8_t *at, sim_ns_t at_ns)
{
    const uint64_t second = CAN_LOG_EPOCH_S + at_ns / SIM_S(1);
    if (second != log->second) {
        log->second = second;
        log->second_len = (size_t)snprintf(log->second_text, sizeof(log->second_text), "(%llu.",
                                           (unsigned long long)second);
    }
    /* All of it, which is cheaper than a copy of unknown length; the rest is overwritten. */
    memcpy(at, log->second_text, sizeof(log->second_text));
    at += log->second_len;
    at = put_decimal(at, (uint32_t)(at_ns % SIM_S(1) / SIM_US(1)), 6);
    return put_text(at, ") ", 2);
}

static uint8_t *put_candump_bus(struct can_log *log, uint8_t *at, const struct trace *trace,
                                uint16_t source)
{
    if (source != log->bus) {
        const char *name = trace_source_name(trace, source);
        log->bus = source;
        log->bus_len = strlen(name);
        memcpy(log->bus_text, name, log->bus_len);
    }
    return put_text(at, log->bus_text, log->bus_len);
}

static uint8_t *put_candump_frame(uint8_t *at, const struct packet *packet)
{
    const bool long_id = (packet->can_id & (SOCKETCAN_EFF | SOCKETCAN_ERR)) != 0;
    at = put_hex(at, packet->can_id & ~(SOCKETCAN_EFF | SOCKETCAN_RTR), long_id ? 8 : 3);
    *at++ = '#';
    if ((packet->can_id & SOCKETCAN_RTR) != 0) {
        *at++ = 'R';
        return packet->len == 0 ? at : put_decimal(at, packet->len, 1);
    }
    if (packet->fd) {
        *at++ = '#';
        at = put_hex(at, packet->fd_flags, 1);
    }
    for (size_t i = 0; i < packet->data_len; i++) {
        at = put_hex_byte(at, packet->data[i]);
    }
    return at;
}

static void on_record_candump(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    struct can_log *log = ctx;
    struct packet packet;
    if (!packet_of(rec, &packet)) {
        return;
    }
    uint8_t *at = put_candump_time(log, reserve(log), rec->at_ns);
    at = put_candump_bus(log, at, trace, rec->source);
    *at++ = ' ';
    at = put_candump_frame(at, &packet);
    *at++ = '\n';
    commit(log, at);
}

/* pcapng is written in the byte order of this machine; readers look at the byte-order magic.
 * https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html */
enum {
    PCAPNG_SECTION_BYTES = 28,
    PCAPNG_PACKET_BYTES = 32, /* Without data. */
    PCAPNG_INTERFACE = 1,
    PCAPNG_PACKET = 6,
    PCAPNG_IF_NAME = 2,
    PCAPNG_IF_TSRESOL = 9,
    PCAPNG_TSRESOL_NS = 9, /* 10 to the -9. */
    LINKTYPE_CAN_SOCKETCAN = 227,
};
#define PCAPNG_SECTION          0x0A0D0D0Au
#define PCAPNG_BYTE_ORDER_MAGIC 0x1A2B3C4Du

static uint8_t *put_u16(uint8_t *at, unsigned value)
{
    const uint16_t v = (uint16_t)value;
    memcpy(at, &v, sizeof(v));
    return at + sizeof(v);
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static uint8_t *put_padding(uint8_t *at, size_t len)
{
    while (len++ % 4 != 0) {
        *at++ = 0;
    }
    return at;
}

static void write_section(struct can_log *log)
{
    uint8_t *at = put_u32(reserve(log), PCAPNG_SECTION);
    at = put_u32(at, PCAPNG_SECTION_BYTES);
    at = put_u32(at, PCAPNG_BYTE_ORDER_MAGIC);
    at = put_u16(at, 1);
    at = put_u16(at, 0);
    at = put_u32(at, UINT32_MAX); /* Length of the section: not given. */
    at = put_u32(at, UINT32_MAX);
    commit(log, put_u32(at, PCAPNG_SECTION_BYTES));
}

static void write_interface(struct can_log *log, const char *name)
{
    const size_t name_len = strlen(name);
    uint8_t *start = reserve(log);
    uint8_t *at = put_u32(start, PCAPNG_INTERFACE) + 4;
    at = put_u16(at, LINKTYPE_CAN_SOCKETCAN);
    at = put_u16(at, 0);
    at = put_u32(at, 0); /* No limit of packet length. */
    at = put_u16(at, PCAPNG_IF_NAME);
    at = put_u16(at, (unsigned)name_len);
    at = put_padding(put_text(at, name, name_len), name_len);
    at = put_u16(at, PCAPNG_IF_TSRESOL);
    at = put_u16(at, 1);
    *at++ = PCAPNG_TSRESOL_NS;
    at = put_padding(at, 1);
    at = put_u32(at, 0); /* End of options. */
    const uint32_t block_len = (uint32_t)(at + 4 - start);
    (void)put_u32(start + 4, block_len);
    commit(log, put_u32(at, block_len));
}

static uint16_t interface_of(struct can_log *log, const struct trace *trace, uint16_t source)
{
    if (log->interface_of[source] == NO_INTERFACE) {
        write_interface(log, trace_source_name(trace, source));
        log->interface_of[source] = log->interfaces++;
    }
    return log->interface_of[source];
}

/* https://www.tcpdump.org/linktypes/LINKTYPE_CAN_SOCKETCAN.html: the identifier is big-endian. */
static uint8_t *put_socketcan(uint8_t *at, const struct packet *packet)
{
    at[0] = (uint8_t)(packet->can_id >> 24);
    at[1] = (uint8_t)(packet->can_id >> 16);
    at[2] = (uint8_t)(packet->can_id >> 8);
    at[3] = (uint8_t)packet->can_id;
    at[4] = packet->len;
    at[5] = packet->fd ? packet->fd_flags | CANFD_FDF : 0;
    at[6] = 0;
    at[7] = 0;
    if (packet->data_len > 0) {
        memcpy(at + SOCKETCAN_HEADER_BYTES, packet->data, packet->data_len);
    }
    return at + SOCKETCAN_HEADER_BYTES + packet->data_len;
}

static void on_record_pcapng(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    struct can_log *log = ctx;
    struct packet packet;
    if (!packet_of(rec, &packet)) {
        return;
    }
    const uint16_t interface = interface_of(log, trace, rec->source);
    const uint64_t time_ns = CAN_LOG_EPOCH_S * SIM_S(1) + rec->at_ns;
    const uint32_t captured = (uint32_t)(SOCKETCAN_HEADER_BYTES + packet.data_len);
    const uint32_t block_len = PCAPNG_PACKET_BYTES + ((captured + 3) & ~3u);
    uint8_t *at = put_u32(reserve(log), PCAPNG_PACKET);
    at = put_u32(at, block_len);
    at = put_u32(at, interface);
    at = put_u32(at, (uint32_t)(time_ns >> 32));
    at = put_u32(at, (uint32_t)time_ns);
    at = put_u32(at, captured);
    at = put_u32(at, captured);
    at = put_padding(put_socketcan(at, &packet), captured);
    commit(log, put_u32(at, block_len));
}

static struct can_log *open_log(const char *path, struct err *err)
{
    struct can_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        err_set(err, ERR_NOMEM, "%s: no memory for a bus log", path);
        return NULL;
    }
    log->file = fopen(path, "wb");
    if (log->file == NULL) {
        err_set(err, ERR_IO, "%s: cannot create the bus log: %s", path, strerror(errno));
        free(log);
        return NULL;
    }
    setvbuf(log->file, NULL, _IONBF, 0);
    snprintf(log->path, sizeof(log->path), "%s", path);
    memset(log->interface_of, 0xFF, sizeof(log->interface_of));
    log->bus = NO_INTERFACE;
    return log;
}

struct can_log *can_log_open_candump(const char *path, struct trace *trace, struct err *err)
{
    struct can_log *log = open_log(path, err);
    if (log != NULL) {
        trace_subscribe(trace, on_record_candump, log);
    }
    return log;
}

struct can_log *can_log_open_pcapng(const char *path, struct trace *trace, struct err *err)
{
    struct can_log *log = open_log(path, err);
    if (log != NULL) {
        write_section(log);
        trace_subscribe(trace, on_record_pcapng, log);
    }
    return log;
}

int can_log_close(struct can_log *log, struct err *err)
{
    flush(log);
    if (fclose(log->file) != 0 && log->failed_errno == 0) {
        log->failed_errno = errno;
    }
    int result = 0;
    if (log->failed_errno != 0) {
        result = err_set(err, ERR_IO,
                         "%s: the bus log is incomplete: %s; free some space or log "
                         "elsewhere",
                         log->path, strerror(log->failed_errno));
    }
    free(log);
    return result;
}
