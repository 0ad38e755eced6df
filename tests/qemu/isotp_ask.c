/* SPDX-License-Identifier: Apache-2.0 */
/* tests/qemu/isotp_ask.c - one request through the kernel's own ISO-TP, and its answer compared:
 * isotp_ask INTERFACE TX_ID RX_ID REQUEST ANSWER, all numbers hexadecimal. */
#include <linux/can.h>
#include <linux/can/isotp.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Generous: the machine may be an emulated one. */
enum { ANSWER_MS = 10000, BYTES_MAX = 512 };

static size_t from_hex(const char *text, uint8_t *bytes)
{
    size_t len = 0;
    unsigned byte = 0;
    while (len < BYTES_MAX && sscanf(text, "%2x", &byte) == 1) {
        bytes[len++] = (uint8_t)byte;
        text += 2;
    }
    return len;
}

static int open_isotp(const char *interface, const char *tx_id, const char *rx_id)
{
    struct sockaddr_can address = {.can_family = AF_CAN,
                                   .can_ifindex = (int)if_nametoindex(interface)};
    address.can_addr.tp.tx_id = (canid_t)strtoul(tx_id, NULL, 16);
    address.can_addr.tp.rx_id = (canid_t)strtoul(rx_id, NULL, 16);
    const struct can_isotp_options options = {.flags = CAN_ISOTP_TX_PADDING, .txpad_content = 0xCC};
    const int fd = socket(PF_CAN, SOCK_DGRAM, CAN_ISOTP);
    if (fd < 0 || setsockopt(fd, SOL_CAN_ISOTP, CAN_ISOTP_OPTS, &options, sizeof options) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        perror("isotp_ask: socket");
        exit(2);
    }
    return fd;
}

static void print(const char *what, const uint8_t *bytes, size_t len)
{
    printf("%s", what);
    for (size_t i = 0; i < len; i++) {
        printf(" %02X", bytes[i]);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    uint8_t request[BYTES_MAX], expected[BYTES_MAX], answer[BYTES_MAX];
    if (argc != 6) {
        fputs("usage: isotp_ask INTERFACE TX_ID RX_ID REQUEST ANSWER\n", stderr);
        return 2;
    }
    const size_t request_len = from_hex(argv[4], request);
    const size_t expected_len = from_hex(argv[5], expected);
    const int fd = open_isotp(argv[1], argv[2], argv[3]);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (write(fd, request, request_len) != (ssize_t)request_len) {
        perror("isotp_ask: write");
        return 1;
    }
    if (poll(&ready, 1, ANSWER_MS) != 1) {
        fputs("isotp_ask: no answer\n", stderr);
        return 1;
    }
    const ssize_t len = read(fd, answer, sizeof answer);
    print("answer:", answer, len > 0 ? (size_t)len : 0);
    if (len != (ssize_t)expected_len || memcmp(answer, expected, expected_len) != 0) {
        print("expected:", expected, expected_len);
        return 1;
    }
    return 0;
}
