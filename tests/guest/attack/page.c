/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/attack/page.c - attacks on the memory that a supervisor shares with the process. */
#include "tests/guest/attack/attack.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Shared mappings, and whatever comes from a file that is neither the program nor a system library.
 */
static int is_foreign(const char *line, const char *rights)
{
    if (rights[3] == 's') {
        return 1;
    }
    return strstr(line, "limphome") != NULL || strstr(line, "preload") != NULL ||
           strstr(line, "memfd:") != NULL;
}

static int for_each_foreign(void (*hurt)(char *begin, size_t len_bytes))
{
    FILE *maps = fopen("/proc/self/maps", "r");
    static char lines[200][300];
    int count = 0, hurt_count = 0;
    while (maps && count < 200 && fgets(lines[count], sizeof lines[0], maps)) {
        count++;
    }
    for (int i = 0; i < count; i++) {
        unsigned long begin, end;
        char rights[5];
        if (sscanf(lines[i], "%lx-%lx %4s", &begin, &end, rights) == 3 &&
            !strstr(lines[i], "/attack") && is_foreign(lines[i], rights)) {
            hurt((char *)begin, end - begin);
            hurt_count++;
        }
    }
    return hurt_count;
}

static void unmap(char *begin, size_t len_bytes)
{
    munmap(begin, len_bytes);
}

static void overwrite(char *begin, size_t len_bytes)
{
    if (mprotect(begin, len_bytes, PROT_READ | PROT_WRITE) == 0) {
        memset(begin, 0xA5, len_bytes);
    }
}

static void use_clock(void)
{
    for (int i = 0; i < 3; i++) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        sleep(1);
    }
}

void attack_page_unmap(void)
{
    for_each_foreign(unmap);
    use_clock();
}

void attack_page_write(void)
{
    for_each_foreign(overwrite);
    use_clock();
}
