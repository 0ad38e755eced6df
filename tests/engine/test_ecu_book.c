/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_ecu_book.c - what is counted of the operations of a flash. */
#include "scenarios/engine/ecu_book.h"

#include <criterion/criterion.h>

static struct ecu_book book;
static struct s12x_hooks hooks;
static unsigned told[3];

static void on_op(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns)
{
    (void)ctx;
    (void)op;
    (void)now_ns;
    told[event]++;
}

static void open_book(void)
{
    ecu_book_init(&book);
    hooks = ecu_book_hooks(&book);
    book.on_op = on_op;
}

TestSuite(ecu_book, .init = open_book);

static struct s12x_op launch(enum s12x_command command, uint32_t address, sim_ns_t at_ns)
{
    const struct s12x_op op = {.command = (uint8_t)command, .address = address, .start_ns = at_ns};
    hooks.on_launch(hooks.ctx, &op, NULL);
    return op;
}

Test(ecu_book, a_range_has_the_most_and_the_least_of_what_lies_in_it)
{
    launch(S12X_CMD_ERASE_P_SECTOR, 0x780000, 10);
    launch(S12X_CMD_ERASE_P_SECTOR, 0x780000, 20);
    launch(S12X_CMD_ERASE_P_SECTOR, 0x780400, 30);
    cr_expect_eq(ecu_book_erased(&book, 0x780000, 0x780800).most, 2u);
    cr_expect_eq(ecu_book_erased(&book, 0x780000, 0x780800).least, 1u);
    cr_expect_eq(ecu_book_erased(&book, 0x780000, 0x780801).least, 0u,
                 "one byte of a third sector");
    cr_expect_eq(ecu_book_erased(&book, 0x780400, 0x780401).most, 1u);
    cr_expect_eq(ecu_book_erased(&book, 0x780800, 0x780C00).most, 0u);
    cr_expect_eq(book.erases, 3u);
    cr_expect_eq(book.first_erase_ns, 10u);
    cr_expect_eq(book.last_erase_ns, 30u);
}

Test(ecu_book, phrases_count_each_for_itself_and_no_further_than_255)
{
    for (unsigned i = 0; i < 300; i++) {
        launch(S12X_CMD_PROGRAM_P, 0x780008, i);
    }
    launch(S12X_CMD_PROGRAM_P, 0x780010, 300);
    cr_expect_eq(ecu_book_written(&book, 0x780000, 0x780018).most, 255u);
    cr_expect_eq(ecu_book_written(&book, 0x780008, 0x780018).least, 1u);
    cr_expect_eq(ecu_book_written(&book, 0x780007, 0x780009).least, 0u);
    cr_expect_eq(book.programs, 301u);
    cr_expect_eq(book.first_erase_ns, SIM_NEVER);
}

Test(ecu_book, an_erase_of_all_reaches_both_ends)
{
    launch(S12X_CMD_ERASE_ALL, 0, 1);
    cr_expect_eq(ecu_book_erased(&book, 0x700000, 0x800000).least, 1u);
    launch(S12X_CMD_ERASE_P_BLOCK, 0x7E1234, 2);
    cr_expect_eq(ecu_book_erased(&book, 0x7E0000, 0x800000).least, 2u);
    cr_expect_eq(ecu_book_erased(&book, 0x700000, 0x7E0000).most, 1u);
}

Test(ecu_book, what_is_no_operation_of_p_flash_is_not_told)
{
    const struct s12x_op other = launch(S12X_CMD_PROGRAM_D, 0x100000, 1);
    hooks.on_done(hooks.ctx, &other, 0, 2);
    cr_expect_eq(book.erases + book.programs, 0u);
    cr_expect_eq(told[ECU_BOOK_LAUNCH] + told[ECU_BOOK_DONE], 0u);
    const struct s12x_op op = launch(S12X_CMD_PROGRAM_P, 0x780000, 3);
    hooks.on_torn(hooks.ctx, &op, 500, 4);
    cr_expect_eq(book.torn, 1u);
    cr_expect_eq(told[ECU_BOOK_LAUNCH], 1u);
    cr_expect_eq(told[ECU_BOOK_TORN], 1u);
    cr_expect(ecu_book_op_touches(&op, 0x780007));
    cr_expect_not(ecu_book_op_touches(&op, 0x780008));
    cr_expect_not(ecu_book_op_erases(&op));
}
