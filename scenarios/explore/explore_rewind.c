/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_rewind.c - finds out by faults which pages change, and puts them back.
 */
#include "scenarios/explore/explore_rewind.h"

#include "sim/base.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

/* Room, of which only what is used is taken. */
enum { PAGE = 4096, RANGES_MAX = 256, PAGES_MAX = 1 << 15, SIGNAL_STACK = 1 << 16 };
/* The stack between a play and the pages of it that are watched. */
enum { NEAR_STACK_MAX = 1 << 17 };
/* After so many plays it is found out anew which pages change: some do so only once. */
enum { ANEW_PLAYS = 64 };
/* The heap grows by so much at a time. */
enum { HEAP_STEP = 1 << 20 };

/* Private memory that is watched. */
struct range {
    uintptr_t start, end;
    size_t page; /* Of all pages that are watched, the number of its first. */
};

struct saved_page {
    _Alignas(PAGE) uint8_t bytes[PAGE];
};

/* Not put back itself: it is no memory of its own that is watched. */
struct rewind {
    struct saved_page saved[PAGES_MAX]; /* In the order of changing. */
    uint8_t near_stack[NEAR_STACK_MAX];
    uint8_t signal_stack[SIGNAL_STACK];
    struct range ranges[RANGES_MAX];
    size_t ranges_len;
    size_t pages_len;
    bool changes[PAGES_MAX];
    uintptr_t changing[PAGES_MAX];
    size_t changing_len;
    unsigned plays;        /* Since then. */
    uintptr_t heap_end;    /* What lies behind it is not watched. */
    uintptr_t stack_start; /* Likewise before it. */
    pid_t player;          /* Process that plays; 0: none does. */
    sigjmp_buf crashed;
    uintptr_t frame, brk; /* When the play began. */
};

/* For signals, which know nothing else. */
static struct rewind *of_process;

extern void __asan_init(void) __attribute__((weak));

static void *as_pointer(uintptr_t address)
{
    return (void *)address; /* NOLINT(performance-no-int-to-ptr): addresses come from the kernel. */
}

static uintptr_t page_up(uintptr_t address)
{
    return (address + PAGE - 1) / PAGE * PAGE;
}

static const struct range *range_of(const struct rewind *rewind, uintptr_t address)
{
    for (size_t i = 0; i < rewind->ranges_len; i++) {
        if (address >= rewind->ranges[i].start && address < rewind->ranges[i].end) {
            return &rewind->ranges[i];
        }
    }
    return NULL;
}

static void add_changing(struct rewind *rewind, const struct range *range, uintptr_t page)
{
    rewind->changes[range->page + (page - range->start) / PAGE] = true;
    memcpy(rewind->saved[rewind->changing_len].bytes, as_pointer(page), PAGE);
    rewind->changing[rewind->changing_len++] = page;
}

/* False: it is no first write to a page that is watched. */
static bool begins_to_change(struct rewind *rewind, uintptr_t address)
{
    const uintptr_t page = address / PAGE * PAGE;
    const struct range *range = range_of(rewind, page);
    if (range == NULL || rewind->changes[range->page + (page - range->start) / PAGE] ||
        mprotect(as_pointer(page), PAGE, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    add_changing(rewind, range, page);
    return true;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    struct rewind *rewind = of_process;
    (void)context;
    if (signal == SIGSEGV && begins_to_change(rewind, (uintptr_t)info->si_addr)) {
        return;
    }
    if (rewind->player == getpid()) {
        siglongjmp(rewind->crashed, 1);
    }
    /* Again, as if there were no handler. */
    (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    (void)raise(signal);
}

/* The kernel writes where it keeps account of the thread (rseq), and must not find that read-only.
 */
static bool is_of_thread(uintptr_t page)
{
    const uintptr_t thread = (uintptr_t)pthread_self() / PAGE * PAGE;
    return page + PAGE >= thread && page <= thread + PAGE;
}

static bool protect(struct rewind *rewind, const struct range *range)
{
    uintptr_t start = range->start;
    for (uintptr_t page = start; page <= range->end; page += PAGE) {
        if (page < range->end && !is_of_thread(page)) {
            continue;
        }
        if (page > start && mprotect(as_pointer(start), page - start, PROT_READ) != 0) {
            return false;
        }
        start = page + PAGE;
        if (page < range->end) {
            add_changing(rewind, range, page);
        }
    }
    return true;
}

static bool watch(struct rewind *rewind, uintptr_t start, uintptr_t end)
{
    const size_t pages = (end - start) / PAGE;
    if (rewind->ranges_len == RANGES_MAX || pages > PAGES_MAX - rewind->pages_len) {
        return false;
    }
    struct range *range = &rewind->ranges[rewind->ranges_len++];
    *range = (struct range){.start = start, .end = end, .page = rewind->pages_len};
    rewind->pages_len += pages;
    return protect(rewind, range);
}

/* A line of /proc/self/maps. False: what it names is not to be watched. */
static bool take_mapping(const struct rewind *rewind, const char *line, struct range *range)
{
    static const char rights[] = " rw-p ";
    char *rest = NULL;
    const uintptr_t start = strtoul(line, &rest, 16);
    const uintptr_t end = *rest == '-' ? strtoul(rest + 1, &rest, 16) : 0;
    if (end <= start || strncmp(rest, rights, sizeof rights - 1) != 0 ||
        (start <= (uintptr_t)rewind && end > (uintptr_t)rewind)) {
        return false;
    }
    *range = (struct range){.start = start, .end = end};
    if (strstr(line, "[stack]") != NULL) {
        range->start = rewind->stack_start;
    }
    return range->start < range->end;
}

/* First all are read: to read them takes memory. */
static bool find_ranges(struct rewind *rewind, struct range ranges[RANGES_MAX], size_t *len)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    *len = 0;
    if (maps == NULL) {
        return false;
    }
    while (*len < RANGES_MAX && fgets(line, sizeof line, maps) != NULL) {
        *len += take_mapping(rewind, line, &ranges[*len]);
    }
    (void)fclose(maps);
    return *len > 0 && *len < RANGES_MAX;
}

/* With a page on either side that belongs to nobody, so that it stays a mapping of its own. */
static struct rewind *make(void)
{
    const size_t len = page_up(sizeof(struct rewind));
    uint8_t *memory = mmap(NULL, len + 2 * (size_t)PAGE, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + PAGE, len, PROT_READ | PROT_WRITE) != 0) {
        return NULL;
    }
    return (struct rewind *)(void *)(memory + PAGE);
}

static void take_signals(struct rewind *rewind)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGPROF};
    const stack_t stack = {.ss_sp = rewind->signal_stack, .ss_size = sizeof rewind->signal_stack};
    const struct sigaction action = {.sa_sigaction = on_signal,
                                     .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    CHECK(sigaltstack(&stack, NULL) == 0);
    for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
        CHECK(sigaction(crashes[i], &action, NULL) == 0);
    }
}

void explore_rewind_prepare(void)
{
    (void)mallopt(M_MMAP_MAX, 0);
    (void)mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    (void)mallopt(M_TOP_PAD, HEAP_STEP);
}

void explore_rewind_begin(void)
{
    struct rewind *rewind = __asan_init == NULL && sysconf(_SC_PAGESIZE) == PAGE ? make() : NULL;
    struct range ranges[RANGES_MAX];
    size_t len = 0;
    if (rewind == NULL) {
        return;
    }
    /* Frames of plays lie before it, even if that of the caller is large. */
    rewind->stack_start = page_up((uintptr_t)__builtin_frame_address(0)) + PAGE;
    if (!find_ranges(rewind, ranges, &len)) {
        return;
    }
    rewind->heap_end = page_up((uintptr_t)sbrk(0));
    take_signals(rewind);
    of_process = rewind;
    for (size_t i = 0; i < len; i++) {
        CHECK(watch(rewind, ranges[i].start, ranges[i].end));
    }
    CHECK(range_of(rewind, rewind->heap_end - 1) != NULL);
}

bool explore_rewind_ready(void)
{
    return of_process != NULL && of_process->player != getpid();
}

static size_t near_stack_bytes(const struct rewind *rewind)
{
    CHECK(rewind->frame < rewind->stack_start);
    return rewind->stack_start - rewind->frame;
}

static void watch_anew(struct rewind *rewind)
{
    memset(rewind->changes, 0, rewind->pages_len * sizeof rewind->changes[0]);
    rewind->changing_len = 0;
    rewind->plays = 0;
    for (size_t i = 0; i < rewind->ranges_len; i++) {
        CHECK(protect(rewind, &rewind->ranges[i]));
    }
}

static void save(struct rewind *rewind)
{
    if (++rewind->plays > ANEW_PLAYS) {
        watch_anew(rewind);
    }
    rewind->brk = (uintptr_t)sbrk(0);
    if (page_up(rewind->brk) > rewind->heap_end) {
        CHECK(watch(rewind, rewind->heap_end, page_up(rewind->brk)));
        rewind->heap_end = page_up(rewind->brk);
    }
    CHECK(near_stack_bytes(rewind) <= sizeof rewind->near_stack);
    memcpy(rewind->near_stack, as_pointer(rewind->frame), near_stack_bytes(rewind));
    for (size_t i = 0; i < rewind->changing_len; i++) {
        memcpy(rewind->saved[i].bytes, as_pointer(rewind->changing[i]), PAGE);
    }
}

static void put_back(struct rewind *rewind)
{
    const bool grown = (uintptr_t)sbrk(0) != rewind->brk;
    memcpy(as_pointer(rewind->frame), rewind->near_stack, near_stack_bytes(rewind));
    for (size_t i = 0; i < rewind->changing_len; i++) {
        memcpy(as_pointer(rewind->changing[i]), rewind->saved[i].bytes, PAGE);
    }
    if (grown) {
        CHECK(brk(as_pointer(rewind->brk)) == 0);
    }
}

static void limit(unsigned limit_s)
{
    const struct itimerval timer = {.it_value = {.tv_sec = (time_t)limit_s}};
    CHECK(setitimer(ITIMER_PROF, &timer, NULL) == 0);
}

static void end(struct rewind *rewind)
{
    limit(0);
    rewind->player = 0;
}

static bool run(struct rewind *rewind, void (*fn)(void *ctx), void *ctx, unsigned limit_s)
{
    if (sigsetjmp(rewind->crashed, 0) != 0) {
        end(rewind);
        return false;
    }
    rewind->player = getpid();
    limit(limit_s);
    fn(ctx);
    end(rewind);
    return true;
}

/* What lies from this frame on is put back, and nothing that the frame holds itself. */
__attribute__((noinline)) bool explore_rewind_play(void (*fn)(void *ctx), void *ctx,
                                                   unsigned limit_s)
{
    struct rewind *rewind = of_process;
    rewind->frame = (uintptr_t)__builtin_frame_address(0);
    save(rewind);
    const bool ended_well = run(rewind, fn, ctx, limit_s);
    put_back(rewind);
    atomic_signal_fence(memory_order_seq_cst);
    return ended_well;
}
