/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_ecu_faults.c - faults of an ECU's behaviour as scenarios set them: what
 * each effect does is tested in tests/inject/test_inject_ecu.c; here the words that choose, and the
 * sentences about wrong ones. */
#include "tests/engine/world_rig.h"

#define TESTER "local t = bus.tester{ecu='bcm'} "

Test(lua_ecu_faults, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_ecu_faults_api);
}

Test(lua_ecu_faults, the_words_choose)
{
    static const char *const bodies[] = {
        TESTER "local f = ecu.answer{nrc=0x22, phase='bootloader'}:optional() "
               "assert(t:request('3E 00') == '7E 00' and f:seen() == 0)",
        TESTER "ecu.answer{nrc=0x22, phase='application'} assert(t:request('3E 00') == '7F 3E 22')",
        TESTER "ecu.answer{nrc=0x22, did=0xF189} assert(t:request('22 F1 86') == '62 F1 86 01') "
               "assert(t:request('22 F1 89') == '7F 22 22')",
        TESTER "t:request('10 03') ecu.answer{nrc=0x22, rid=0x0203} "
               "assert(t:request('31 01 02 03') == '7F 31 22')",
        TESTER "ecu.answer{nrc=0x22, sub=3} assert(t:request('10 01') == '50 01 00 32 01 F4') "
               "assert(t:request('10 03') == '7F 10 22')",
        TESTER "ecu.answer{nrc=0x22, bytes={[1]=0x03}} "
               "assert(t:request('10 01') == '50 01 00 32 01 F4') "
               "assert(t:request('10 03') == '7F 10 22')",
        TESTER "ecu.answer{nrc=0x22, len_min=3} assert(t:request('3E 00') == '7E 00') "
               "assert(t:request('22 F1 86') == '7F 22 22')",
        TESTER "ecu.answer{nrc=0x21, nth=2} assert(t:request('3E 00') == '7E 00') "
               "assert(t:request('3E 00') == '7F 3E 21') assert(t:request('3E 00') == '7E 00')",
        TESTER "local wanted = false ecu.answer{nrc=0x21, when=function(at) return wanted end} "
               "assert(t:request('3E 00') == '7E 00') wanted = true "
               "assert(t:request('3E 00') == '7F 3E 21')",
        TESTER "ecu.answer{nrc=0x21, after='1s', for_='1s'} assert(t:request('3E 00') == '7E 00') "
               "wait(1) assert(t:request('3E 00') == '7F 3E 21') wait(1) "
               "assert(t:request('3E 00') == '7E 00')",
        TESTER "ecu.answer{data='7E 00 01', service=0x3E} "
               "t:request('3E 00', {timeout='60ms'}) assert(t:last() == '7E 00 01')",
        TESTER "ecu.answer{nrc=0x10, service=0x10, works=true} t:request('10 03') "
               "assert(t:last() == '7F 10 10' and ecu.status().session == 'extended')",
        TESTER "ecu.pending{service=0x3E, every='100ms', count=3, then_='nrc', nrc=0x72} "
               "assert(t:request('3E 00', {timeout='1s'}) == '7F 3E 72')",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        world_expect_done(bodies[i]);
    }
}

Test(lua_ecu_faults, mistakes_are_named)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"ecu.answer{}", "ecu.answer: nrc: either nrc = 0x22, say, or data"},
        {"ecu.answer{nrc=0x22, data='7E'}", "ecu.answer: nrc: either nrc"},
        {"ecu.answer{nrc=0x78}", "ecu.answer: nrc: 0x78 is no final answer; use ecu.pending"},
        {"ecu.answer{nrc=300}", "ecu.answer: nrc: must be a whole number from 1 to 255"},
        {"ecu.answer{data='7E 0'}", "ecu.answer: data: must be bytes"},
        {"ecu.answer{data='7E', works=false}", "ecu.answer: works: with data the work is done"},
        {"ecu.answer{nrc=0x22, fase='x'}", "fase: no such parameter; did you mean \"phase\"?"},
        {"ecu.answer{nrc=0x22, phase='boot'}",
         "phase: \"boot\" is not one of \"any\", \"bootloader\", \"application\""},
        {"ecu.answer{nrc=0x22, ecu='tcu'}", "tcu"},
        {"ecu.answer{nrc=0x22, rid=0xFF00, service=0x22}", "rid: belongs to service 0x31"},
        {"ecu.answer{nrc=0x22, len_min=9, len_max=8}", "len_max: must be a whole number from 9"},
        {"ecu.answer{nrc=0x22, when=1}", "when: must be a function"},
        {"ecu.mute{works=1}", "ecu.mute: works: must be true or false"},
        {"ecu.pending{then_='later'}",
         "then_: \"later\" is not one of \"answer\", \"silence\", \"nrc\", \"never\""},
        {"ecu.pending{then_='never', count=2}", "count: not beside then_ = \"never\""},
        {"ecu.pending{then_='nrc'}", "nrc: goes with then_ = \"nrc\", and only with it"},
        {"ecu.pending{nrc=0x72}", "nrc: goes with then_ = \"nrc\", and only with it"},
        {"ecu.pending{every=0}", "every: must be longer than 0"},
        {"ecu.delay{}", "ecu.delay: by: is missing, or 0"},
        {"ecu.change{}", "ecu.change: set: is missing"},
        {"ecu.flow{}", "one of waits, overflow, leave_out, block_size and st_min is needed"},
        {"ecu.flow{waits='often'}", "waits: must be a whole number from 1 on, or \"never\""},
        {"ecu.flow{block_size='8'}", "block_size: must be a number from 0 to 255, or a list"},
        {"ecu.flow{st_min={1, 256}}", "st_min: must be bytes"},
        {"for i = 1, 65 do ecu.mute{service=1, name='m' .. i}:optional() end",
         "64 faults of one ECU at a time are the limit"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}
