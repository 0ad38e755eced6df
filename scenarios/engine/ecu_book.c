/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/ecu_book.c - counts the operations of a flash as they start. */
#include "scenarios/engine/ecu_book.h"

#include <string.h>

/* The share of the array that a command works on; nothing for those that change no P-Flash. */
struct span {
    uint32_t begin, end;
    bool erases;
};

enum { BLOCK_BYTES = 128 * 1024 };

static struct span span_of(const struct s12x_op *op)
{
    const uint32_t at = op->address;
    const uint32_t top = ECU_BOOK_BASE + ECU_BOOK_PART_BYTES;
    switch (op->command) {
    case S12X_CMD_PROGRAM_P: return (struct span){at, at + ECU_BOOK_PHRASE_BYTES, false};
    case S12X_CMD_ERASE_P_SECTOR: return (struct span){at, at + ECU_BOOK_SECTOR_BYTES, true};
    case S12X_CMD_ERASE_P_BLOCK:
        return (struct span){at - at % BLOCK_BYTES, at - at % BLOCK_BYTES + BLOCK_BYTES, true};
    case S12X_CMD_ERASE_ALL: return (struct span){ECU_BOOK_BASE, top, true};
    default: return (struct span){0, 0, false};
    }
}

static void count_erase(struct ecu_book *book, const struct span *span, sim_ns_t now_ns)
{
    const uint32_t first = (span->begin - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES;
    const uint32_t end = (span->end - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES;
    for (uint32_t i = first; i < end; i++) {
        book->erased[i]++;
    }
    book->erases++;
    book->first_erase_ns = sim_min_ns(book->first_erase_ns, now_ns);
    book->last_erase_ns = now_ns;
}

static void count_program(struct ecu_book *book, const struct span *span)
{
    uint8_t *count = &book->written[(span->begin - ECU_BOOK_BASE) / ECU_BOOK_PHRASE_BYTES];
    *count = (uint8_t)(*count + (*count < UINT8_MAX));
    book->programs++;
}

static void tell(struct ecu_book *book, const struct s12x_op *op, enum ecu_book_event event,
                 sim_ns_t now_ns)
{
    if (span_of(op).end == 0) {
        return;
    }
    if (book->on_op != NULL) {
        book->on_op(book->ctx, op, event, now_ns);
    }
    for (struct ecu_book_listener *one = book->listeners; one != NULL; one = one->next) {
        one->on_op(one->ctx, op, event, now_ns);
    }
}

static void on_launch(void *ctx, const struct s12x_op *op, struct s12x_op_fault *fault)
{
    (void)fault;
    struct ecu_book *book = ctx;
    const struct span span = span_of(op);
    if (span.begin < ECU_BOOK_BASE || span.end > ECU_BOOK_BASE + ECU_BOOK_PART_BYTES) {
        return;
    }
    if (span.erases) {
        count_erase(book, &span, op->start_ns);
    } else {
        count_program(book, &span);
    }
    book->running = *op;
    tell(book, op, ECU_BOOK_LAUNCH, op->start_ns);
}

static void on_done(void *ctx, const struct s12x_op *op, uint8_t fstat, sim_ns_t now_ns)
{
    (void)fstat;
    tell(ctx, op, ECU_BOOK_DONE, now_ns);
}

static void on_torn(void *ctx, const struct s12x_op *op, uint16_t permille, sim_ns_t now_ns)
{
    (void)permille;
    struct ecu_book *book = ctx;
    book->torn++;
    tell(book, op, ECU_BOOK_TORN, now_ns);
}

static void on_finding(void *ctx, enum s12x_finding finding, uint32_t address, sim_ns_t now_ns)
{
    (void)address;
    (void)now_ns;
    struct ecu_book *book = ctx;
    book->findings[finding]++;
}

void ecu_book_init(struct ecu_book *book)
{
    memset(book, 0, sizeof *book);
    book->first_erase_ns = book->last_erase_ns = SIM_NEVER;
}

struct s12x_hooks ecu_book_hooks(struct ecu_book *book)
{
    return (struct s12x_hooks){.ctx = book,
                               .on_launch = on_launch,
                               .on_done = on_done,
                               .on_torn = on_torn,
                               .on_finding = on_finding};
}

void ecu_book_listen(struct ecu_book *book, struct ecu_book_listener *listener)
{
    listener->next = book->listeners;
    book->listeners = listener;
}

bool ecu_book_op_touches(const struct s12x_op *op, uint32_t address)
{
    const struct span span = span_of(op);
    return address >= span.begin && address < span.end;
}

bool ecu_book_op_erases(const struct s12x_op *op)
{
    return span_of(op).erases;
}

struct ecu_book_counts ecu_book_both(struct ecu_book_counts one, struct ecu_book_counts other)
{
    return (struct ecu_book_counts){.most = one.most > other.most ? one.most : other.most,
                                    .least = one.least < other.least ? one.least : other.least};
}

struct ecu_book_counts ecu_book_erased(const struct ecu_book *book, uint32_t begin, uint32_t end)
{
    struct ecu_book_counts counts = {.most = 0, .least = UINT32_MAX};
    for (uint32_t at = begin - begin % ECU_BOOK_SECTOR_BYTES; at < end;
         at += ECU_BOOK_SECTOR_BYTES) {
        const uint32_t times = book->erased[(at - ECU_BOOK_BASE) / ECU_BOOK_SECTOR_BYTES];
        counts = ecu_book_both(counts, (struct ecu_book_counts){times, times});
    }
    return counts;
}

struct ecu_book_counts ecu_book_written(const struct ecu_book *book, uint32_t begin, uint32_t end)
{
    struct ecu_book_counts counts = {.most = 0, .least = UINT32_MAX};
    for (uint32_t at = begin - begin % ECU_BOOK_PHRASE_BYTES; at < end;
         at += ECU_BOOK_PHRASE_BYTES) {
        const uint32_t times = book->written[(at - ECU_BOOK_BASE) / ECU_BOOK_PHRASE_BYTES];
        counts = ecu_book_both(counts, (struct ecu_book_counts){times, times});
    }
    return counts;
}
