/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/store/life.c - a guest that talks on can0: `life N` sends bursts of frames with the
 * identifier 0x100 + N, 10 ms apart, beside a child that does the same with 0x200 + N and 7 ms;
 * ends by itself after 20 bursts, with code N. */
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BURSTS = 20, FRAMES_PER_BURST = 5 };

static int open_bus(void)
{
    struct ifreq request = {.ifr_name = "can0"};
    int bus = socket(PF_CAN, SOCK_RAW, CAN_RAW);
    if (bus < 0 || ioctl(bus, SIOCGIFINDEX, &request) != 0) {
        exit(99);
    }
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = request.ifr_ifindex};
    if (bind(bus, (struct sockaddr *)&address, sizeof address) != 0) {
        exit(98);
    }
    return bus;
}

static void talk(int bus, canid_t id, long pause_ms)
{
    struct timespec uptime;
    for (unsigned burst = 0; burst < BURSTS; burst++) {
        clock_gettime(CLOCK_MONOTONIC, &uptime);
        for (unsigned i = 0; i < FRAMES_PER_BURST; i++) {
            unsigned seconds = (unsigned)uptime.tv_sec;
            struct can_frame frame = {.can_id = id, .can_dlc = 8};
            memcpy(frame.data, &seconds, sizeof seconds);
            frame.data[6] = (unsigned char)burst;
            frame.data[7] = (unsigned char)i;
            if (write(bus, &frame, sizeof frame) != (ssize_t)sizeof frame) {
                perror("write");
            }
        }
        nanosleep(&(struct timespec){0, pause_ms * 1000000}, NULL);
    }
}

int main(int argc, char **argv)
{
    unsigned life = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    if (fork() == 0) {
        talk(open_bus(), 0x200 + life, 7);
        return 0;
    }
    talk(open_bus(), 0x100 + life, 10);
    wait(NULL);
    return (int)life;
}
