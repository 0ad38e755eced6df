/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_power.c - the supply of ECUs as scenarios set it: seen in the ECU, in its
 * flash, and by a tester on the bus. */
#include "tests/engine/world_rig.h"

/* Into the bootloader, unlocked (docs/formats.md, "Seed and key"), and an erase of 8 sectors. */
#define ERASE                                                                                      \
    "local t = bus.tester{} "                                                                      \
    "local function unlock() "                                                                     \
    "  assert(t:request('10 03')) assert(t:request('10 02')) "                                     \
    "  local key = tonumber(t:request('27 01'):gsub(' ', ''):sub(5), 16) ~ 0x4C494D50 "            \
    "  for _ = 1, 35 do "                                                                          \
    "    key = ((key << 1) & 0xFFFFFFFF) ~ (key & 0x80000000 ~= 0 and 0x4C494D50 or 0) end "       \
    "  assert(t:request(string.format('27 02 %08X', key)) == '67 02') end "                        \
    "local function erase() "                                                                      \
    "  return t:request('31 01 FF 00 44 00 78 00 00 00 00 20 00', {timeout='3s'}) end "

Test(lua_power, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_power_api);
}

static void expect_all(const char *const *bodies, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        world_expect_done(bodies[i]);
    }
}

Test(lua_power, voltages_are_those_that_were_asked_for)
{
    static const char *const bodies[] = {
        "local function at(mv) local s = ecu.status().supply_mv "
        "  assert(math.abs(s - mv) <= 1, s .. ' not ' .. mv) end at(13500) "
        "power.cut{for_='200ms'} wait(0.001) at(0) wait(0.198) at(0) wait(0.002) at(13500)",
        "local function at(mv) local s = ecu.status().supply_mv "
        "  assert(math.abs(s - mv) <= 1, s .. ' not ' .. mv) end "
        "power.brownout{to='3.5V', ramp='100ms', for_='100ms', recover='200ms', after='1s'} "
        "wait(1.05) at(8500) wait(0.1) at(3500) wait(0.15) at(8500) wait(0.2) at(13500)",
        "local function at(mv) local s = ecu.status().supply_mv "
        "  assert(math.abs(s - mv) <= 1, s .. ' not ' .. mv) end "
        "power.curve{{at=0, mv=12000}, {at='1s', mv='8V'}, {at='1s', mv=16000}, {at=2, mv=16000}}"
        "wait(0.5) at(10000) wait(0.6) at(16000) wait(1) at(13500)",
        /* The lowest counts; each ends by itself. */
        "local function at(mv) local s = ecu.status().supply_mv "
        "  assert(math.abs(s - mv) <= 1, s .. ' not ' .. mv) end "
        "local a = power.brownout{to=9000, for_=2} local b = power.brownout{to=8000, for_=1} "
        "wait(0.5) at(8000) b:stop() wait(0.001) at(9000) a:stop() wait(0.001) at(13500) "
        "assert(a:fired() == 1 and a:first_at() == 1)",
        /* Places become free again. */
        "for _ = 1, 20 do power.cut{for_='1ms'} wait('2ms') end wait(1) assert(ecu.status().valid)",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_power, the_ecu_feels_it)
{
    static const char *const bodies[] = {
        "local n = ecu.status().resets power.cut{for_='50ms'} wait('10ms') "
        "assert(ecu.status().run == 'off') wait(1) local s = ecu.status() "
        "assert(s.run == 'application' and s.resets == n + 1)",
        "power.off{} wait(100) assert(ecu.status().run == 'off') power.on{} wait(1) "
        "assert(ecu.status().run == 'application')",
        "local o = power.off{ecu='all'} wait(1) o:stop() wait(1) "
        "assert(ecu.status().run == 'application') assert(not pcall(power.on, {}))",
        /* Low-voltage reset at 3.13 V behind a regulator that needs 0.6 V: not yet, and then. */
        "local n = ecu.status().resets power.brownout{to=3800} wait(2) "
        "assert(ecu.status().resets == n) power.brownout{to=3600, for_='80ms'} wait('20ms') "
        "assert(ecu.status().run == 'reset') wait(1) assert(ecu.status().resets == n + 1)",
        "local t = bus.tester{} t:request('10 03') assert(ecu.status().session == 'extended') "
        "power.cut{for_='100ms'} wait(1) assert(ecu.status().session == 'default')",
        "local t = bus.tester{} t:request('10 03') local k = power.kl15{on=false} "
        "assert(t:request('31 01 02 03') == '71 01 02 03 01') k:stop() "
        "assert(t:request('31 01 02 03') == '71 01 02 03 00')",
        "local t = bus.tester{} power.kl15{on=false, after='1s', for_='1s'} t:request('10 03') "
        "assert(t:request('31 01 02 03') == '71 01 02 03 00') wait(1.5) t:request('10 03') "
        "assert(t:request('31 01 02 03') == '71 01 02 03 01') wait(1) t:request('10 03') "
        "assert(t:request('31 01 02 03') == '71 01 02 03 00')",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_power, a_cut_hits_the_flash_operation_that_was_named)
{
    static const char *const bodies[] = {
        ERASE "unlock() assert(erase() == '71 01 FF 00 00') assert(ecu.operations().erases == 8)",
        /* Nobody answers, and the third sector is torn. */
        ERASE "unlock() local c = power.cut_at{operation='erase', nth=3, for_='100ms'} "
              "assert(not erase()) local o = ecu.operations() "
              "assert(o.erases == 3 and o.torn == 1 and c:fired() == 1 and c:seen() == 3) "
              "assert(ecu.erased{{0x780800, 1024}} == 1 and ecu.erased{{0x780C00, 1024}} == 0)",
        ERASE "unlock() power.cut_at{operation='erase', address=0x781010, permille=999} "
              "assert(not erase()) local o = ecu.operations() "
              "assert(o.erases == 5 and o.torn == 1)",
        ERASE "unlock() power.cut_at{operation='erase', nth=3, at='before'} assert(not erase()) "
              "local o = ecu.operations() assert(o.erases == 3 and o.torn == 1)",
        ERASE "unlock() power.cut_at{operation='erase', nth=3, at='after'} assert(not erase()) "
              "local o = ecu.operations() assert(o.erases == 3 and o.torn == 0)",
        /* Again and again: two sectors each time. */
        ERASE "unlock() local c = power.cut_at{operation='erase', nth=2, every=2, times=3, "
              "  for_='100ms'} "
              "for _ = 1, 3 do assert(not erase()) wait(1) unlock() end "
              "assert(c:fired() == 3 and ecu.operations().torn == 3) "
              "assert(erase() == '71 01 FF 00 00')",
        ERASE "unlock() local c = power.cut_at{operation='any'}:optional() c:stop() "
              "assert(erase() == '71 01 FF 00 00') assert(c:fired() == 0)",
        ERASE "unlock() local c = power.cut_at{operation='program'}:optional() "
              "assert(erase() == '71 01 FF 00 00') assert(c:seen() == 0)",
    };
    expect_all(bodies, ARRAY_SIZE(bodies));
}

Test(lua_power, mistakes_are_named)
{
    static const struct {
        const char *body;
        const char *part;
    } rows[] = {
        {"power.cut{for_=0}", "power.cut: for_: must be longer than 0"},
        {"power.cut{ecu='bmc'}", "bcm"},
        {"power.cut{until_=3}", "until_: no such parameter"},
        {"power.cut{after=1, from=2}", "after: not beside from"},
        {"power.on{}", "power.on: bcm is not off"},
        {"power.on{ecu='all'}", "power.on: no ECU is not off"},
        {"power.off{for_=1}", "for_: no such parameter"},
        {"power.brownout{}", "to: is missing"},
        {"power.brownout{to='low'}", "to: must be a voltage up to 60 V"},
        {"power.brownout{to='3.6'}", "to: must be a voltage up to 60 V"},
        {"power.brownout{to='61V'}", "to: must be a voltage up to 60 V"},
        {"power.brownout{to=-1}", "to: must be a voltage up to 60 V"},
        {"power.curve{}", "a curve has 2 to 32 points"},
        {"power.curve{{at=0, mv=1}, {at=1}}", "point 2: at: a point is"},
        {"power.curve{{at=0, mv=1}, 5}", "point 2: expects its parameters in braces"},
        {"power.curve{{at=1, mv=1}, {at=2, mv=1}}", "point 1: instants begin with 0"},
        {"power.curve{{at=0, mv=1}, {at=2, mv=1}, {at=1, mv=1}}", "point 3: instants begin with 0"},
        {"power.curve{{at=0, mv=1}, {at=0, mv=1}}", "the last point must be later"},
        {"power.kl15{}", "on: is missing"},
        {"power.kl15{on=1}", "on: must be true or false, not a number"},
        {"power.cut_at{operation='read'}",
         "\"read\" is not one of \"erase\", \"program\", \"any\""},
        {"power.cut_at{permille=1001}", "permille: must be a whole number from 0 to 1000"},
        {"power.cut_at{permille=1, at='after'}", "at: not beside permille"},
        {"power.cut_at{address=0x1000}", "address: must be a whole number from 7340032"},
        {"power.cut_at{times=2}", "times: needs every"},
        {"power.cut_at{ecu='all'}", "ecu: is one ECU"},
        {"for _ = 1, 9 do power.cut{} end", "8 faults of the supply of bcm"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}

struct notes {
    char text[512];
};

static void on_note(void *ctx, const struct trace *trace, const struct trace_rec *rec)
{
    struct notes *notes = ctx;
    if (rec->kind == TRACE_FAULT) {
        const size_t at = strlen(notes->text);
        snprintf(notes->text + at, sizeof notes->text - at, "%s %.*s at %u ms, ",
                 trace_source_name(trace, rec->source), (int)rec->bytes_len,
                 (const char *)rec->bytes, (unsigned)(rec->at_ns / 1000000));
    }
}

Test(lua_power, the_trace_names_each_fault)
{
    static struct notes notes;
    struct world_rig *rig = world_rig_new("power.cut{for_='20ms', name='dip'} wait(1)", 1);
    trace_subscribe(rig->world.trace, on_note, &notes);
    world_rig_run(rig);
    cr_expect_str_eq(notes.text, "bcm dip: begins at 1000 ms, bcm dip: ends at 1020 ms, ");
    world_rig_free(rig);
}
