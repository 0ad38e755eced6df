/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/test_sweep_text.c - sweeps in plain lines. */
#include "reports/result_text.h"
#include "reports/sweep_text.h"
#include "tests/reports/sweep_rig.h"

#include <criterion/criterion.h>

static char *print(const struct result_sweep *sweep, const char *on, const char *off)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    sweep_text_print(sweep, on, off, out);
    fclose(out);
    return text;
}

static void expect_text(char *seen, const char *expected)
{
    cr_expect_str_eq(seen, expected, "%s", seen);
    free(seen);
}

Test(sweep_text, a_good_sweep_is_numbers_and_verdicts)
{
    struct result_sweep sweep = rig_sweep(2, 3);
    sweep.units = result_sweep_done(&sweep);
    expect_text(print(&sweep, "<", ">"),
                "operations of the update\n"
                "        1264  flash commands\n"
                "cuts\n"
                "         169  cuts\n"
                "recoveries\n"
                "          24  different states of flash after them\n"
                "verdicts\n"
                "         169  updated: the new version runs, and the master says so\n"
                "           0  false success: the master claims success, and it is none\n"
                "           0  bricked: nothing runs, and a clean retry does not mend it\n");
    result_sweep_release(&sweep);
}

Test(sweep_text, failures_have_their_commands_and_the_rest_its_number)
{
    struct result_sweep sweep = rig_sweep(1, 1);
    char *text = print(&sweep, "<", ">");
    cr_expect_not_null(strstr(
        text, "<bricked>: f0.0: limphome explore power --size 8 --point f0.0\n"
              "  the same as a scenario: found/f.lua\n"
              "<false success> (INV-5): f0.1: limphome explore power --size 8 --point f0.1\n"));
    cr_expect_not_null(strstr(text, "f30.1\nand 10 more\n"), "%s", text);
    cr_expect_not_null(strstr(text, "rules of the judge that were broken\n"
                                    "          28  INV-5: one request at a time\n"
                                    "          14  INV-7: the data are the segment\n"));
    cr_expect_null(strstr(text, "units of work"));
    free(text);
    result_sweep_release(&sweep);
}

Test(sweep_text, a_part_says_what_is_missing)
{
    struct result_sweep sweep = rig_sweep(2, 4);
    char *text = print(&sweep, NULL, NULL);
    cr_expect_not_null(
        strstr(text, "\n30 of 40 units of work are missing: this is a part of the sweep\n"));
    free(text);
    sweep.units = SWEEP_UNITS_OPEN;
    text = print(&sweep, NULL, NULL);
    cr_expect_not_null(strstr(text, "\n10 units of work, as many as there was time for\n"));
    free(text);
    result_sweep_release(&sweep);
}

Test(sweep_text, the_command_is_made_of_kind_and_identity)
{
    static const char *const rows[][2] = {
        {"power --size 8", "limphome explore power --size 8"},
        {"--size 8", "limphome explore power --size 8"},
        {"powerful", "limphome explore power powerful"},
        {"limphome explore power --size 8", "limphome explore power --size 8"},
        {"", "limphome explore power"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result_sweep sweep = {.kind = strdup("power"), .identity = strdup(rows[i][0])};
        expect_text(sweep_text_command(&sweep), rows[i][1]);
        result_sweep_release(&sweep);
    }
}

/* What others have written has no effect on a terminal. */
Test(sweep_text, texts_of_others_are_inert)
{
    struct result_sweep sweep = rig_sweep(1, 4);
    char **const texts[] = {&sweep.rows[0].heading,     &sweep.rows[0].text,
                            &sweep.verdicts[1].name,    &sweep.verdicts[0].meaning,
                            &sweep.failures[0].id,      &sweep.failures[0].replay,
                            &sweep.failures[0].scenario};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        free(*texts[i]);
        *texts[i] = strdup("\x1B[2J\nx");
    }
    char *text = print(&sweep, NULL, NULL);
    cr_expect_null(strchr(text, 0x1B));
    cr_expect_null(strstr(text, "\nx"));
    free(text);
    result_sweep_release(&sweep);
}

Test(sweep_text, a_set_of_sweeps_alone_has_no_cases)
{
    char *text = NULL;
    size_t len = 0;
    struct result_sweep sweep = rig_sweep(1, 1);
    const struct result_set set = {.sweeps = &sweep, .sweeps_len = 1};
    FILE *out = open_memstream(&text, &len);
    result_text_print(&set, NULL, out);
    fclose(out);
    static const char head[] =
        "sweep: master reference (in process), limphome 1.2.3\n"
        "$ limphome explore power --size 8 --style block --resume full --seed 1\n"
        "operations of the update\n";
    cr_expect_eq(strncmp(text, head, strlen(head)), 0, "%s", text);
    cr_expect_null(strstr(text, "cases"));
    free(text);
    result_sweep_release(&sweep);
}
