/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_flash_faults.c - faults of an ECU's flash as scenarios set them; what each
 * does is tested in tests/inject/test_inject_flash.c. */
#include "tests/engine/world_rig.h"

Test(lua_flash_faults, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_flash_faults_api);
}

/* The rule that holds when the script has ended. */
static struct inject_flash_rule_cfg rule_of(const char *body)
{
    char text[512];
    snprintf(text, sizeof text, "local f = %s f:optional()", body);
    struct world_rig *rig = world_rig_new(text, 1);
    world_rig_run(rig);
    cr_assert_eq(rig->code, 0, "%s: %s", body, rig->err.text);
    cr_assert_eq(rig->world.ecus[0].flash_faults.rules_len, 1, "%s", body);
    const struct inject_flash_rule_cfg cfg = rig->world.ecus[0].flash_faults.rules[0]->cfg;
    world_rig_free(rig);
    return cfg;
}

Test(lua_flash_faults, the_words_become_rules)
{
    struct inject_flash_rule_cfg cfg = rule_of("flash.slow{operation='erase', factor=2.5}");
    cr_expect(cfg.what.ops == INJECT_FLASH_ERASE && cfg.effect.slow_permille == 2500);
    cfg = rule_of("flash.slow{takes='2s', command=0x0A, nth=3}");
    cr_expect(cfg.what.command == 0x0A && cfg.effect.duration_ns == SIM_S(2));
    cr_expect(cfg.turns.skip == 2 && cfg.turns.times == 1);
    cfg = rule_of("flash.fail{address=0x780400, bytes=1024}");
    cr_expect(cfg.what.start == 0x780400 && cfg.what.end == 0x780800);
    cr_expect(cfg.effect.kind == INJECT_FLASH_FAIL && cfg.effect.not_correctable);
    cr_expect(!rule_of("flash.fail{correctable=true}").effect.not_correctable);
    cr_expect_eq(rule_of("flash.ignore{}").effect.kind, INJECT_FLASH_NO_EFFECT);
    cfg = rule_of("flash.flip{moment='program', address=0x780012, bits=2}");
    cr_expect(cfg.effect.kind == INJECT_FLASH_AT_REST && cfg.effect.mask == 0x30000);
    cfg = rule_of("flash.flip{moment='in flight', mask=0x80, every=7}");
    cr_expect(cfg.effect.kind == INJECT_FLASH_IN_FLIGHT && cfg.effect.mask == 0x80);
    cr_expect_eq(cfg.turns.every, 7);
}

/* Two bits of the header: it does not decode any more, or reads differently. */
Test(lua_flash_faults, flips_and_stuck_bits_are_there_at_once)
{
    world_expect_done("assert(ecu.status().run == 'application') "
                      "flash.stuck{address=0x780000, mask=0xFF, value=0} "
                      "local t = bus.tester{ecu='bcm'} t:request('11 01') wait(1) "
                      "assert(ecu.status().run == 'bootloader')");
    world_expect_done("local f = flash.flip{address=0x780000, mask=0x11} "
                      "assert(f:fired() == 1 and f:first_at() == 1) "
                      "local t = bus.tester{ecu='bcm'} t:request('11 01') wait(1) "
                      "assert(ecu.status().run == 'bootloader')");
}

Test(lua_flash_faults, the_book_of_the_ecu_goes_on)
{
    world_expect_done(
        "local slow = flash.slow{operation='erase', factor=2} "
        "local t = bus.tester{ecu='bcm'} t:request('10 03') t:request('10 02', {timeout='2s'}) "
        "ecu.quirk('Q11') t:request('27 01') "
        "assert(t:request('31 01 FF 00 44 00 78 00 00 00 00 04 00', {timeout='2s'})) "
        "assert(ecu.operations().erases == 1 and slow:fired() == 1)");
}

Test(lua_flash_faults, mistakes_are_named)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"flash.slow{}", "flash.slow: factor: either factor = 10, say, or takes"},
        {"flash.slow{factor=2, takes=1}", "factor: either factor = 10"},
        {"flash.slow{factor=0}", "factor: must be a number from 0.001 to"},
        {"flash.slow{factor=2, operation='write'}",
         "operation: \"write\" is not one of \"any\", \"erase\", \"program\", \"verify\""},
        {"flash.fail{bytes=4}", "bytes: is the length of a range, which needs an address"},
        {"flash.fail{address=0x800000}", "address: must be a whole number from 0 to 8388607"},
        {"flash.fail{adress=1}", "adress: no such parameter; did you mean \"address\"?"},
        {"flash.flip{}", "flash.flip: address: is missing"},
        {"flash.flip{address=1, nth=2}", "nth: goes with moment = \"program\" or \"in flight\""},
        {"flash.flip{address=1, bytes=2}", "bytes: goes with moment"},
        {"flash.flip{address=1, mask=3, bits=2}", "bits: not beside mask"},
        {"flash.flip{address=1, moment='soon'}", "moment: \"soon\" is not one of \"now\""},
        {"flash.stuck{}", "flash.stuck: address: is missing"},
        {"flash.wear{address='x'}", "address: must be a whole number, not a string"},
        {"flash.wear{address=0x780000}:stop()", "cannot be stopped"},
        {"for i = 1, 33 do flash.ignore{name='i' .. i}:optional() end",
         "32 faults of one flash at a time are the limit"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}
