/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/ecu_book.h - what really happened to the flash of one ECU: how often each sector
 * was erased and each phrase was programmed since the play began. An operation counts when it
 * starts, also if power or chip then spoil it. */
#ifndef ENGINE_ECU_BOOK_H
#define ENGINE_ECU_BOOK_H

#include "sim/ecus/s12x_ecu.h"

enum { ECU_BOOK_SECTOR_BYTES = 1024, ECU_BOOK_PHRASE_BYTES = 8, ECU_BOOK_PART_BYTES = 1 << 20 };
/* P-Flash lies at the top of the global address space of 8 MB. */
#define ECU_BOOK_BASE UINT32_C(0x700000)

enum ecu_book_event { ECU_BOOK_LAUNCH, ECU_BOOK_DONE, ECU_BOOK_TORN };

/* Somebody else who wants to hear of the operations. */
struct ecu_book_listener {
    void (*on_op)(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns);
    void *ctx;
    struct ecu_book_listener *next; /* The book's. */
};

struct ecu_book {
    uint16_t erased[ECU_BOOK_PART_BYTES / ECU_BOOK_SECTOR_BYTES];
    uint8_t written[ECU_BOOK_PART_BYTES / ECU_BOOK_PHRASE_BYTES]; /* Stands still at 255. */
    uint64_t erases, programs;                                    /* Operations in all. */
    uint64_t torn;
    uint64_t findings[S12X_FINDING_COUNT];  /* Misuse that the flash model noticed. */
    sim_ns_t first_erase_ns, last_erase_ns; /* SIM_NEVER: none. */
    struct s12x_op running;                 /* The last P-Flash operation that started. */
    /* A P-Flash operation starts, is done, or was cut. May be null. */
    void (*on_op)(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns);
    void *ctx;
    struct ecu_book_listener *listeners; /* Told after on_op, the one that came last first. */
};

void ecu_book_init(struct ecu_book *book);
/* The observer to hang into the ECU's flash. */
struct s12x_hooks ecu_book_hooks(struct ecu_book *book);

/* The listener is the caller's, and stays as long as the book is used. Not from inside on_op. */
void ecu_book_listen(struct ecu_book *book, struct ecu_book_listener *listener);
/* Whether the operation changes the cell at this address. */
bool ecu_book_op_touches(const struct s12x_op *op, uint32_t address);
bool ecu_book_op_erases(const struct s12x_op *op);

/* How often the sectors of a range were erased, or its phrases programmed: the most and the least.
 * Both ends lie inside P-Flash; end is the first address behind. */
struct ecu_book_counts {
    uint32_t most, least;
};
struct ecu_book_counts ecu_book_erased(const struct ecu_book *book, uint32_t begin, uint32_t end);
struct ecu_book_counts ecu_book_written(const struct ecu_book *book, uint32_t begin, uint32_t end);
/* The same of two ranges together. */
struct ecu_book_counts ecu_book_both(struct ecu_book_counts one, struct ecu_book_counts other);

#endif
