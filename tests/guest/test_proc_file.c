/* SPDX-License-Identifier: Apache-2.0 */
/* test_proc_file.c - what a process has of the machine. */
#include "guest/proc_file.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Test(proc_file, counts_open_files)
{
    const size_t before = proc_open_files(getpid());
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0);
    cr_expect_eq(proc_open_files(getpid()), before + 1);
    close(fd);
    cr_expect_eq(proc_open_files(getpid()), before);
}

Test(proc_file, remembers_the_most_memory)
{
    enum { MEMORY = 32 << 20 };
    const uint64_t before = proc_peak_bytes(getpid());
    char *memory = malloc(MEMORY);
    cr_assert(memory != NULL);
    memset(memory, 1, MEMORY);
    cr_expect(proc_peak_bytes(getpid()) >= before + MEMORY / 2, "touched at index %d", memory[5]);
    free(memory);
    cr_expect(proc_peak_bytes(getpid()) >= before + MEMORY / 2, "it stays the most");
}

Test(proc_file, knows_nothing_of_the_dead)
{
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    cr_assert(child > 0 && waitpid(child, NULL, 0) == child);
    cr_expect_eq(proc_open_files(child), 0);
    cr_expect_eq(proc_peak_bytes(child), 0);
}
