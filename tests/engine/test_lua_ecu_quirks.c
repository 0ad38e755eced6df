/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_ecu_quirks.c - quirks as scenarios set them; what each does is tested in
 * tests/ecus/test_ecu_quirks.c. */
#include "tests/engine/world_rig.h"

#define TESTER "local t = bus.tester{ecu='bcm'} "

Test(lua_ecu_quirks, the_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_ecu_quirks_api);
}

/* What the ECU has of it all after the body. */
static struct ecu_quirks quirks_after(const char *body)
{
    struct world_rig *rig = world_rig_new(body, 1);
    world_rig_run(rig);
    cr_expect_eq(rig->code, 0, "%s\n%s", body, rig->err.text);
    const struct ecu_quirks quirks = *s12x_ecu_quirks(rig->world.ecus[0].s12x);
    world_rig_free(rig);
    return quirks;
}

Test(lua_ecu_quirks, every_quirk_and_its_parameters)
{
    cr_expect(quirks_after("ecu.quirk('Q1')").software.sticky_quiet);
    cr_expect(quirks_after("ecu.quirk('Q2')").software.rejects_repeat);
    cr_expect(quirks_after("ecu.quirk('Q3')").software.erases_again);
    cr_expect(quirks_after("ecu.quirk('Q4')").s3_strict);
    cr_expect_eq(quirks_after("ecu.quirk('Q5')").software.start_ns, SIM_S(3));
    cr_expect_eq(quirks_after("ecu.quirk('Q5', {boot='9s'})").software.start_ns, SIM_S(9));
    struct ecu_quirks quirks = quirks_after("ecu.quirk('Q5', {bootloader='2s'})");
    cr_expect(quirks.software.start_ns == 0 && quirks.boot_ns == SIM_S(2));
    cr_expect(quirks_after("ecu.quirk('Q6')").software.keeps_image);
    quirks = quirks_after("ecu.quirk('Q6', {version='3.0'})");
    cr_expect(strcmp(quirks.software.version, "3.0") == 0 && !quirks.software.keeps_image);
    quirks = quirks_after("ecu.quirk('Q6', {hidden=true, image='kept'})");
    cr_expect(quirks.software.hides_version && quirks.software.keeps_image);
    cr_expect_eq(quirks_after("ecu.quirk('Q7', {blocks=4})").blocks_lost, 4);
    quirks = quirks_after("ecu.quirk('Q8', {buffer=100, waits=5, wait='800ms', block_size=8})");
    cr_expect(quirks.buffer_bytes == 100 && quirks.waits == 5 && quirks.wait_ns == SIM_MS(800));
    cr_expect(quirks.sets_flow && quirks.block_size == 8 && quirks.st_min == 127);
    cr_expect(quirks_after("ecu.quirk('Q9')").software.programs_blindly);
    quirks = quirks_after("ecu.quirk('Q10', {p2='100ms', answer='90ms', erase='60s'})");
    cr_expect(quirks.p2_ns == SIM_MS(100) && quirks.p2_star_ns == SIM_S(20));
    cr_expect(quirks.answer_ns == SIM_MS(90) && quirks.erase_ns == SIM_S(60));
    cr_expect(quirks_after("ecu.quirk('Q11')").software.zero_seed);
    cr_expect(quirks_after("ecu.quirk('Q11', {seed='same'})").software.same_seed);
}

Test(lua_ecu_quirks, several_hold_together_and_end_alone)
{
    struct ecu_quirks quirks =
        quirks_after("local a = ecu.quirk('Q1') ecu.quirk('Q2') "
                     "assert(a:fired() == 1 and a:first_at() == 1) a:stop()");
    cr_expect(!quirks.software.sticky_quiet && quirks.software.rejects_repeat);
    quirks = quirks_after("ecu.quirk('Q7') local b = ecu.quirk('Q7', {blocks=3}) b:stop()");
    cr_expect_eq(quirks.blocks_lost, 1, "the older one holds again");
}

Test(lua_ecu_quirks, q14_lies_on_the_bus)
{
    world_expect_done(TESTER "local g = ecu.quirk('Q14', {delay='40ms', jitter=0, loss=0, twice=1})"
                             " local begun = now() assert(t:request('3E 00') == '7E 00') "
                             "assert(now() - begun > 0.04) wait('50ms') assert(t:heard() == 2) "
                             "assert(g:fired() == 2) g:stop() begun = now() "
                             "assert(t:request('3E 00') == '7E 00' and now() - begun < 0.01)");
}

Test(lua_ecu_quirks, mistakes_are_named)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"ecu.quirk('Q15')", "\"Q15\" is no quirk; they are \"Q1\" to \"Q11\" and \"Q14\""},
        {"ecu.quirk('x')", "\"x\" is no quirk"},
        {"ecu.quirk('Q1x')", "\"Q1x\" is no quirk"},
        {"ecu.quirk('Q99999999999999999999')", "is no quirk"},
        {"ecu.quirk('Q0')", "Q0 is the ECU without quirks"},
        {"ecu.quirk('Q12')", "Q12 is a matter of the vehicle"},
        {"ecu.quirk('Q13')", "Q13 needs A/B memory"},
        {"ecu.quirk()", "bad argument #1"},
        {"ecu.quirk('Q1', {boot=1})", "ecu.quirk Q1: boot: no such parameter"},
        {"ecu.quirk('Q5', {boot=-1})", "ecu.quirk Q5: boot: must be between 0 s and ten years"},
        {"ecu.quirk('Q6', {version='12345678901234567'})", "version: is longer than 16 characters"},
        {"ecu.quirk('Q7', {blocks=9})", "blocks: must be a whole number from 1 to 8"},
        {"ecu.quirk('Q8', {wait=0})", "wait: must be longer than 0"},
        {"ecu.quirk('Q10', {p2='1ms'})", "p2: must be from 50 ms to 60 s"},
        {"ecu.quirk('Q11', {seed='none'})", "seed: \"none\" is not one of \"zero\", \"same\""},
        {"ecu.quirk('Q14', {delay=0, jitter=0, loss=0, twice=0})", "is none"},
        {"ecu.quirk('Q14', {loss=2})", "loss: must be a number from 0 to 1"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}
