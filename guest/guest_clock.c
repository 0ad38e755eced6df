/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_clock.c - what guests see of time. */
#include "guest/guest_clock.h"

#include "guest/preload/clock_page.h"
#include "guest/proc_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How far a reader may carry the clock while others are ready and nothing is due. */
#define HORIZON_NS SIM_MS(1)

int guest_clock_open(struct supervisor *s, struct err *err)
{
    s->page_fd = memfd_create("clock", MFD_CLOEXEC);
    if (s->page_fd < 0 || ftruncate(s->page_fd, CLOCK_PAGE_SIZE) != 0) {
        return err_set(err, ERR_IO, "the clock page: %s", strerror(errno));
    }
    s->page = mmap(NULL, CLOCK_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, s->page_fd, 0);
    if (s->page == MAP_FAILED) {
        s->page = NULL;
        return err_set(err, ERR_IO, "the clock page: %s", strerror(errno));
    }
    *s->page = (struct guest_clock_page){.version = CLOCK_PAGE_VERSION,
                                         .realtime_offset_ns = s->cfg.epoch_ns,
                                         .monotonic_offset_ns = GUEST_UPTIME_NS - s->cfg.booted_ns};
    return 0;
}

void guest_clock_close(struct supervisor *s)
{
    if (s->page) {
        munmap(s->page, CLOCK_PAGE_SIZE);
    }
    if (s->page_fd >= 0) {
        close(s->page_fd);
    }
}

static sim_ns_t horizon_ns(const struct supervisor *s)
{
    sim_ns_t due_ns = sim_next_due_ns(s->sim);
    sim_ns_t near_ns = s->spin.since_ns + HORIZON_NS;
    return sim_min_ns(s->until_ns, s->ready_first ? sim_min_ns(due_ns, near_ns) : due_ns);
}

void guest_clock_rest(struct supervisor *s)
{
    if (s->spin.parked) {
        s->spin.parked = false;
        return;
    }
    s->spin = (struct guest_spin){.since_ns = s->sim->now_ns};
    if (s->page) {
        s->page->reads = 0;
    }
}

void guest_clock_publish(struct supervisor *s)
{
    if (!s->page) {
        return;
    }
    s->page->now_ns = s->sim->now_ns;
    s->page->reads = s->spin.count;
    s->page->horizon_ns = horizon_ns(s);
}

static void move_clock(struct supervisor *s, sim_ns_t to_ns)
{
    if (to_ns > s->sim->now_ns && to_ns < sim_next_due_ns(s->sim)) {
        sim_run_until(s->sim, to_ns);
    }
}

void guest_clock_fold(struct supervisor *s)
{
    if (!s->page || s->page->reads == s->spin.count) {
        return;
    }
    s->spin.count = s->page->reads;
    move_clock(s, sim_min_ns(s->page->now_ns, s->sim->now_ns + SIM_S(3600)));
}

bool guest_spins(struct supervisor *s)
{
    uint64_t cost_ns = clock_read_cost_ns(s->spin.count++);
    sim_ns_t next_ns = s->sim->now_ns + cost_ns;
    if (cost_ns && next_ns >= horizon_ns(s)) {
        return true;
    }
    move_clock(s, next_ns);
    return false;
}

/* Until the next event of others, or past all that happens at this very instant. */
enum guest_verdict guest_spin_park(struct supervisor *s, struct guest_thread *t)
{
    sim_ns_t next_ns = s->sim->now_ns + clock_read_cost_ns(s->spin.count);
    sim_ns_t due_ns = sim_next_due_ns(s->sim);
    bool far = due_ns > s->sim->now_ns && due_ns != SIM_NEVER && !s->ready_first;
    t->wait.deadline_ns = far ? due_ns : next_ns;
    s->spin.parked = true;
    return guest_park(s, t, "others (it looks again and again)");
}

struct timespec guest_timespec(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

bool guest_clock_ns(const struct supervisor *s, clockid_t clock, uint64_t *ns)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI: *ns = s->sim->now_ns + s->cfg.epoch_ns; return true;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        *ns = s->sim->now_ns - s->cfg.booted_ns + GUEST_UPTIME_NS;
        return true;
    default:
        /* Processor time of this or another task (negative numbers): as if it computed always. */
        *ns = s->sim->now_ns;
        return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
    }
}

sim_ns_t guest_deadline(const struct supervisor *s, uint64_t relative_ns)
{
    return relative_ns >= SIM_NEVER - 1 - s->sim->now_ns ? SIM_NEVER - 1
                                                         : s->sim->now_ns + relative_ns;
}

sim_ns_t guest_clock_instant(const struct supervisor *s, clockid_t clock, uint64_t clock_ns)
{
    uint64_t now;
    if (!guest_clock_ns(s, clock, &now) || clock_ns <= now) {
        return s->sim->now_ns;
    }
    return guest_deadline(s, clock_ns - now);
}

/* The functions of the vDSO that tell the time, and the calls that they become. */
static const struct vdso_function {
    const char *name;
    uint32_t nr;
} vdso_functions[] = {
    {"__vdso_clock_gettime", SYS_clock_gettime},
    {"__vdso_gettimeofday", SYS_gettimeofday},
    {"__vdso_time", SYS_time},
};

/* Offset of a function in the vDSO of this kernel, which is everybody's; 0: it has none. */
static uint64_t vdso_offset(const char *name)
{
    uintptr_t base = getauxval(AT_SYSINFO_EHDR);
    if (!base) {
        return 0;
    }
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)base;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(base + header->e_shoff);
    for (unsigned i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNSYM) {
            continue;
        }
        const Elf64_Sym *symbols = (const Elf64_Sym *)(base + sections[i].sh_offset);
        const char *names = (const char *)(base + sections[sections[i].sh_link].sh_offset);
        for (size_t k = 0; k < sections[i].sh_size / sizeof *symbols; k++) {
            if (strcmp(names + symbols[k].st_name, name) == 0) {
                return symbols[k].st_value;
            }
        }
    }
    return 0;
}

static uint64_t vdso_base(pid_t pid)
{
    Elf64_auxv_t entries[64];
    long len = proc_read(pid, "auxv", (char *)entries, sizeof entries);
    for (size_t i = 0; len > 0 && i < (size_t)len / sizeof *entries; i++) {
        if (entries[i].a_type == AT_SYSINFO_EHDR) {
            return entries[i].a_un.a_val;
        }
    }
    return 0;
}

bool guest_clock_patch(const struct guest_process *process)
{
    /* mov eax, nr; syscall; ret */
    uint8_t code[8] = {0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xc3};
    char path[64];
    uint64_t base = vdso_base(process->pid);
    bool patched = false;
    snprintf(path, sizeof path, "/proc/%d/mem", (int)process->pid);
    int memory = open(path, O_RDWR | O_CLOEXEC);
    for (size_t i = 0; base && memory >= 0 && i < ARRAY_SIZE(vdso_functions); i++) {
        uint8_t there[sizeof code];
        uint64_t offset = vdso_offset(vdso_functions[i].name);
        memcpy(code + 1, &vdso_functions[i].nr, 4);
        if (offset && pread(memory, there, sizeof there, (off_t)(base + offset)) == sizeof there &&
            memcmp(there, code, sizeof code) != 0) {
            patched |= pwrite(memory, code, sizeof code, (off_t)(base + offset)) == sizeof code;
        }
    }
    if (memory >= 0) {
        close(memory);
    }
    return patched;
}

enum guest_verdict guest_clock_give_page(struct supervisor *s, struct guest_thread *t)
{
    return s->page ? guest_give_fd(s, t, s->page_fd, true) : guest_error(t, ENOSYS);
}
