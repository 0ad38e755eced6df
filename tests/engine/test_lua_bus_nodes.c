/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_lua_bus_nodes.c - foreign nodes, stuck wires and controllers in bus-off as
 * scenarios set them. */
#include "guest/af_can/af_can.h"
#include "guest/af_can/af_can_linux.h"
#include "tests/engine/world_rig.h"

#include <sys/socket.h>

/* Counts what passes by. */
#define WATCH "local w = bus.lose{id=0x321}:optional() "

Test(lua_bus_nodes, each_function_is_in_the_manual_with_an_example_that_runs)
{
    world_expect_manual(&lua_bus_nodes_api);
}

Test(lua_bus_nodes, each_does_what_it_says)
{
    static const char *const bodies[] = {
        WATCH "bus.send{id=0x321} wait(1) assert(w:seen() == 1)",
        WATCH "bus.send{id=0x321, every='10ms', after='1s', for_='95ms'} wait(3) "
              "assert(w:seen() == 10 and w:first_at() == 2)",
        WATCH "local s = bus.send{id=0x321, every='10ms', data={1, 2}} wait(0.055) s:stop() wait(1)"
              "assert(w:seen() == 6 and s:fired() == 6)",
        "local w = bus.lose{id=0x321, ext=true, frame={[0]=9}} "
        "bus.send{id=0x321, ext=true, data='09'} wait(1) assert(w:fired() == 1)",
        "local w = bus.lose{id=0x321} bus.send{id=0x321, rtr=true} wait(1) assert(w:fired() == 1)",
        /* 4 s at 500 kbit/s: eight bytes take 111 to 135 bits. */
        "local l = bus.load{percent=50, priority=0x321, for_='4s'} wait(5) "
        "assert(l:fired() > 1000000 / 135 and l:fired() < 1000000 / 111, l:fired())",
        "local l = bus.load{percent=50, priority='low', data='', jitter=0.5} wait(1) l:stop() "
        "local n = l:fired() wait(1) assert(l:fired() == n and n > 4000, n)",
        /* High priority shuts a full bus, low priority does not. */
        "bus.load{percent=200, priority='high'} local t = bus.tester{}:optional() "
        "assert(not t:request('3E 00'))",
        "bus.load{percent=200, priority='low'} local t = bus.tester{} "
        "assert(t:request('3E 00') == '7E 00')",
        "local r = bus.replay{file='traffic.log', interface='can0', after='1s'} "
        "local a = bus.lose{id=0x123} local b = bus.lose{id=0x124} wait(2) "
        "assert(r:fired() == 2 and a:first_at() == 2 and b:first_at() == 2.1)",
        "local b = bus.babble{} wait(1) b:stop() local n = b:fired() assert(n > 3700) wait(1) "
        "assert(b:fired() == n and bus.tester{}:request('3E 00'))",
        "local s = bus.short{wires='recessive', for_='50ms'} local t = bus.tester{} "
        "assert(not t:request('3E 00', {timeout='40ms'})) wait(1) assert(t:request('3E 00'))",
        "bus.short{for_='50ms'} bus.short{after='50ms', for_='50ms'} wait(1)",
        "local s = bus.short{} wait(1) s:stop() assert(bus.tester{}:request('3E 00') == '7E 00')",
        "local o = bus.bus_off{node='bcm'} local t = bus.tester{} "
        "assert(not t:request('3E 00', {timeout='500ms'})) o:stop() wait('50ms') "
        "assert(o:fired() > 2 and t:last() == '7E 00' and t:request('3E 00'))",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        world_expect_done(bodies[i]);
    }
}

/* What a program of the master's host sends at 1.01 s, while the script waits. */
static void send_as_master(struct sim *sim, void *ctx)
{
    struct world_rig *rig = ctx;
    int error = 0;
    struct af_can_socket *socket =
        af_can_socket_open(rig->world.can, SOCK_RAW, CAN_RAW, NULL, &error);
    const struct sockaddr_can address = {.can_family = AF_CAN,
                                         .can_ifindex = af_can_index(rig->world.can, "can0")};
    struct can_frame_of_linux {
        uint32_t id;
        uint8_t len, pad[3], data[8];
    } frame = {.id = 0x7E0, .len = 3, .data = {2, 0x3E, 0}};
    (void)sim;
    cr_assert(socket != NULL && af_can_bind(socket, &address, sizeof address) == 0);
    cr_assert_eq(
        af_can_send(socket, &(struct af_can_message){.data = &frame, .data_bytes = sizeof frame}),
        (long)sizeof frame);
}

static void run_with_master(const char *body, enum can_state state)
{
    struct world_rig *rig = world_rig_new(body, 1);
    struct sim_event event;
    sim_event_init(&event, SIM_NODE, send_as_master, rig, NULL);
    sim_schedule(&rig->world.sim, &event, SIM_MS(1010));
    world_rig_run(rig);
    cr_expect_eq(rig->code, 0, "%s", rig->err.text);
    cr_expect_eq(af_can_node(rig->world.can, rig->world.buses[0].bus)->state, state);
    world_rig_free(rig);
}

Test(lua_bus_nodes, the_master_is_a_node_as_well)
{
    run_with_master("local f = bus.lose{node='master'} local a = bus.lose{way='answer'}:optional() "
                    "wait(1) assert(f:fired() == 1 and a:seen() == 0)",
                    CAN_ERROR_ACTIVE);
    run_with_master("local o = bus.bus_off{node='master', for_='200ms'} wait(1) "
                    "assert(o:fired() == 1, o:fired())",
                    CAN_BUS_OFF);
}

Test(lua_bus_nodes, a_tester_has_addresses_and_patience)
{
    static const char *const bodies[] = {
        "local t = bus.tester{id=0x6F1, answer_id=0x6F9}:optional() "
        "assert(not t:request('3E 00') and t:fired() == 1)",
        "local t, u = bus.tester{}, bus.tester{name='second'} assert(t:request('3E 00')) "
        "assert(u:last() == '7E 00' and u:heard() == 1 and u:name() == 'second') u:send('3E 80') "
        "wait(1)",
        "local t = bus.tester{} t:send('22 F1 90') wait(1) assert(#t:last() == 59)",
        "local t = bus.tester{} t:send('3E 80', {functional=true}) wait(1) "
        "assert(t:fired() == 1 and t:heard() == 0)",
        "local t = bus.tester{} assert(t:request('3E 00', {functional=true}) == '7E 00')",
        /* An answer to something else is none, one that is announced is awaited. */
        "local t = bus.tester{} bus.change{nth=1, way='answer', set={[0]=0x51}} "
        "assert(not t:request('3E 00') and t:last() == '51 00')",
        "local t = bus.tester{} bus.change{nth=1, way='answer', set={[2]=0x78}} "
        "local b = now() assert(not t:request('3E 05') and now() - b > 6)",
        /* A message does not end a wait that is for something else. */
        "local t = bus.tester{} assert(not bus.wait{service=0x36, within='10ms'}) t:send('3E 00') "
        "local b = now() wait(1) assert(now() - b > 0.999 and t:heard() == 1)",
        "local t = bus.tester{} t:request('3E 00') t:stop() "
        "assert(not pcall(function() t:send('3E 00') end))",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        world_expect_done(bodies[i]);
    }
}

Test(lua_bus_nodes, mistakes_are_named)
{
    static const struct {
        const char *body;
        const char *part;
    } rows[] = {
        {"bus.send{}", "bus.send: id: is missing"},
        {"bus.send{id=1, data='0'}", "data: must be bytes"},
        {"bus.send{id=1, data={256}}", "data: must be bytes"},
        {"bus.send{id=1, data=7}", "data: must be bytes"},
        {"bus.send{id=1, data='00 00 00 00 00 00 00 00 00'}", "data: 9 bytes; it must be 0 to 8"},
        {"bus.send{id=1, fd=true}", "fd: can0 is a classical bus"},
        {"bus.send{id=0x800, ext=false}", "no CAN frame has this identifier"},
        {"bus.send{id=1, rtr=true, data='00'}", "rtr: a remote frame has no data"},
        {"bus.send{id=1, times=2}", "times: needs every"},
        {"bus.load{}", "percent: is missing"},
        {"bus.load{percent=0}", "percent: must be a number from 0.1 to 200"},
        {"bus.load{percent=1, priority='mid'}", "priority: \"mid\" is not one of"},
        {"bus.load{percent=1, priority={}}", "priority: must be \"high\", \"low\""},
        {"bus.replay{}", "file: is missing"},
        {"bus.replay{file='none.log'}", "file: there is no \"none.log\" in the folder of the case"},
        {"bus.replay{file='../../etc/passwd'}", "outside of the folder of the case"},
        {"bus.replay{file='TST-01.lua'}", "TST-01.lua:1: not a line of candump"},
        {"bus.replay{file='traffic.log', for_=1}", "for_: a replay lasts as long as its log"},
        {"bus.replay{file='traffic.log', interface='can7'}", "no frame to replay"},
        {"bus.short{wires='cut'}", "wires: \"cut\" is not one of \"dominant\", \"recessive\""},
        {"bus.short{for_=2} bus.short{after=1}", "\"bus.short\" has the wires of can0"},
        {"bus.bus_off{}", "node: is missing"},
        {"bus.babble{percent=1}", "percent: no such parameter"},
        {"bus.tester{ecu='abs'}", "bcm"},
        {"bus.tester{}:send({})", "message: 0 bytes"},
        {"bus.tester{}:send('zz')", "message: must be bytes"},
        {"local t = bus.tester{} t:send('22 F1 90') t:send('22 F1 90')", "still sending"},
        {"bus.tester{}:send('22 F1 90 F1 90 F1 90 F1 90', {functional=true})", "a single frame"},
        {"bus.tester.send(bus.lose{}, '3E 00')", "attempt to index"},
        {"bus.tester{}.send(bus.lose{}, '3E 00')", "is an object of another kind"},
        {"for _ = 1, 70 do bus.babble{after=9} end", "64 nodes on can0 are the limit"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_expect_failed(rows[i].body, rows[i].part);
    }
}
