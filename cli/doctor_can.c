/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor_can.c - tries what the kernel offers of CAN. */
#include "cli/cli.h"
#include "cli/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux has a struct of the same name as sim/can. */
#define can_frame linux_can_frame
#include <linux/can.h>
#undef can_frame

static int try_socket(int type, int protocol)
{
    const int fd = socket(PF_CAN, type, protocol);
    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

static bool is_can(const char *interface)
{
    char path[320];
    char line[32] = "";
    uint64_t type = 0;
    snprintf(path, sizeof path, "/sys/class/net/%s/type", interface);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    const bool got = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return got && cli_parse_u64(line, UINT16_MAX, &type) && type == ARPHRD_CAN;
}

static int find_interface(void)
{
    DIR *folder = opendir("/sys/class/net");
    const struct dirent *entry;
    bool found = false;
    if (folder == NULL) {
        return errno;
    }
    while (!found && (entry = readdir(folder)) != NULL) {
        found = is_can(entry->d_name);
    }
    closedir(folder);
    return found ? 0 : ENODEV;
}

void doctor_try_can(int found[static DOCTOR_ITEMS])
{
    found[DOCTOR_RAW] = try_socket(SOCK_RAW, CAN_RAW);
    found[DOCTOR_INTERFACE] = find_interface();
    found[DOCTOR_ISOTP] = try_socket(SOCK_DGRAM, CAN_ISOTP);
    found[DOCTOR_BCM] = try_socket(SOCK_DGRAM, CAN_BCM);
}
