/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_power.c - the supply of ECUs in the hands of a scenario: cuts, brown-outs,
 * any curve, cuts at a flash operation, and the ignition. */
#include "scenarios/engine/lua_bus_rule.h"
#include "scenarios/engine/lua_injection.h"
#include "sim/trace.h"

#include <stdlib.h>
#include <string.h>

#define CUT_NS SIM_S(1)

/* One ECU under a fault. */
struct power_part {
    struct case_ecu *ecu;
    uint64_t number; /* Of its supply's faults; 0: none. */
};

/* Lives as long as the world. */
struct power_fault {
    const char *name;
    struct sim *sim;
    bool lasts;                   /* power.off: until power.on. */
    bool is_ignition, ignition;   /* power.kl15: what it is meanwhile. */
    struct run_supply_line shape; /* Instants from its beginning; SIM_NEVER: no end. */
    sim_ns_t for_ns;
    bool active;
    uint64_t fired;
    sim_ns_t first_ns;
    struct sim_event event; /* The begin, then the end. */
    /* power.cut_at: which operations of the one ECU. */
    struct ecu_book_listener listener;
    bool any, erase;
    bool has_address;
    uint32_t address;
    uint64_t seen, skip, every, times;
    uint32_t permille;
    sim_ns_t launched_ns; /* SIM_NEVER: no cut is due. */
    struct sim_event aim; /* Right after the launch: how long does it take? */
    size_t parts_len;
    struct power_part parts[];
};

static uint64_t power_fired(void *ctx)
{
    const struct power_fault *fault = ctx;
    return fault->fired;
}

static sim_ns_t power_first_ns(void *ctx)
{
    const struct power_fault *fault = ctx;
    return fault->first_ns;
}

static void note(const struct power_fault *fault, const char *what)
{
    for (size_t i = 0; i < fault->parts_len; i++) {
        trace_text(fault->sim->cfg.trace, fault->sim->now_ns, TRACE_FAULT,
                   fault->parts[i].ecu->ecu->source, fault->fired, "%s: %s", fault->name, what);
    }
}

static void count(struct power_fault *fault)
{
    if (fault->fired++ == 0) {
        fault->first_ns = fault->sim->now_ns;
    }
}

static sim_ns_t later_ns(sim_ns_t now_ns, sim_ns_t after_ns)
{
    return after_ns < SIM_NEVER - now_ns ? now_ns + after_ns : SIM_NEVER;
}

static void set_ignition(const struct power_fault *fault, bool on)
{
    for (size_t i = 0; i < fault->parts_len; i++) {
        struct s12x_ecu *ecu = fault->parts[i].ecu->s12x;
        if (ecu != NULL) {
            struct boot_vehicle_state state = s12x_ecu_vehicle_state(ecu);
            state.ignition_on = on;
            s12x_ecu_set_vehicle_state(ecu, &state);
        }
    }
}

static void draw(struct power_fault *fault)
{
    struct run_supply_line line = fault->shape;
    for (size_t i = 0; i < line.len; i++) {
        line.points[i].at_ns = later_ns(fault->sim->now_ns, line.points[i].at_ns);
    }
    for (size_t i = 0; i < fault->parts_len; i++) {
        struct run_supply *supply = &fault->parts[i].ecu->supply;
        if (run_supply_has_room(supply)) {
            fault->parts[i].number = run_supply_begin_line(supply, &line);
        }
    }
}

static void begin(struct power_fault *fault)
{
    fault->active = true;
    count(fault);
    note(fault, "begins");
    if (fault->is_ignition) {
        set_ignition(fault, fault->ignition);
    } else {
        draw(fault);
    }
    sim_schedule(fault->sim, &fault->event, later_ns(fault->sim->now_ns, fault->for_ns));
}

static void end(struct power_fault *fault)
{
    fault->active = false;
    note(fault, "ends");
    if (fault->is_ignition) {
        set_ignition(fault, !fault->ignition);
    }
}

static void on_edge(struct sim *sim, void *ctx)
{
    struct power_fault *fault = ctx;
    (void)sim;
    if (fault->active) {
        end(fault);
    } else {
        begin(fault);
    }
}

static void power_stop(void *ctx)
{
    struct power_fault *fault = ctx;
    sim_cancel(fault->sim, &fault->event);
    sim_cancel(fault->sim, &fault->aim);
    fault->times = fault->fired; /* cut_at: no more. */
    fault->every = 0;
    if (!fault->active) {
        return;
    }
    for (size_t i = 0; i < fault->parts_len; i++) {
        if (fault->parts[i].number != 0) {
            run_supply_end(&fault->parts[i].ecu->supply, fault->parts[i].number);
        }
    }
    end(fault);
}

static void power_free(void *ctx)
{
    struct power_fault *fault = ctx;
    sim_cancel(fault->sim, &fault->event);
    sim_cancel(fault->sim, &fault->aim);
    free(fault);
}

static void supply_free(void *ctx)
{
    run_supply_release(ctx);
}

static const struct lua_injection_ops ops = {.first_ns = power_first_ns, .stop = power_stop};

/* Making one. */

static const char *const window_names[] = {"ecu", "name", "from", "after", "for_", NULL};

static void take_part(struct case_world *world, struct power_fault *fault, struct case_ecu *ecu)
{
    if (ecu->supply.ecu == NULL) {
        run_supply_init(&ecu->supply, ecu->ecu, ecu->nominal_mv);
        case_world_add_cleanup(world, supply_free, &ecu->supply);
    }
    fault->parts[fault->parts_len++] = (struct power_part){.ecu = ecu};
}

static bool is_all(const struct lua_options *options)
{
    const char *name = lua_option_text(options, "ecu", NULL);
    return name != NULL && strcmp(name, "all") == 0;
}

/* Registered, with its ECUs, and nothing else set. */
static struct power_fault *new_fault(struct case_world *world, const struct lua_options *options,
                                     struct case_injection **entry)
{
    const bool all = is_all(options);
    struct case_ecu *one =
        all ? NULL : case_world_ecu(world, options->L, lua_option_text(options, "ecu", NULL));
    *entry = case_world_add_injection(world, options->L, lua_bus_name_option(options), power_fired,
                                      NULL);
    const size_t len = all ? world->ecus_len : 1;
    struct power_fault *fault = calloc(1, sizeof *fault + len * sizeof fault->parts[0]);
    CHECK(fault != NULL);
    (*entry)->ctx = fault;
    fault->name = (*entry)->name;
    fault->sim = lua_script_of(options->L)->sim;
    fault->launched_ns = SIM_NEVER;
    sim_event_init(&fault->event, SIM_FAULT, on_edge, fault, NULL);
    sim_event_init(&fault->aim, SIM_FAULT, on_edge, fault, NULL);
    for (size_t i = 0; i < len; i++) {
        take_part(world, fault, all ? &world->ecus[i] : one);
    }
    case_world_add_cleanup(world, power_free, fault);
    return fault;
}

static sim_ns_t begin_option(const struct lua_options *options)
{
    const sim_ns_t now_ns = lua_script_of(options->L)->sim->now_ns;
    sim_ns_t from_ns = lua_option_duration(options, "from", now_ns);
    if (lua_option_given(options, "after")) {
        if (lua_option_given(options, "from")) {
            lua_option_error(options, "after", "not beside from, which says the same");
        }
        from_ns = now_ns + lua_option_duration(options, "after", 0);
    }
    return from_ns > now_ns ? from_ns : now_ns;
}

static sim_ns_t length_option(const struct lua_options *options, const char *name,
                              sim_ns_t fallback_ns)
{
    const sim_ns_t ns = lua_option_duration(options, name, fallback_ns);
    if (ns == 0) {
        lua_option_error(options, name, "must be longer than 0");
    }
    return ns;
}

static void check_room(const struct power_fault *fault, const struct lua_options *options)
{
    for (size_t i = 0; i < fault->parts_len; i++) {
        if (!run_supply_has_room(&fault->parts[i].ecu->supply)) {
            luaL_error(options->L, "%s: %d faults of the supply of %s at a time are the limit",
                       options->function, RUN_SUPPLY_FAULTS_MAX, fault->parts[i].ecu->ecu->name);
        }
    }
}

static int start(lua_State *L, const struct lua_options *options, struct power_fault *fault,
                 struct case_injection *entry, sim_ns_t begin_ns)
{
    if (begin_ns > fault->sim->now_ns) {
        sim_schedule(fault->sim, &fault->event, begin_ns);
    } else {
        check_room(fault, options);
        begin(fault);
    }
    lua_injection_push(L, entry, &ops, fault);
    return 1;
}

static void open_power(struct lua_options *options, lua_State *L, const char *function,
                       const char *const *names)
{
    lua_options_open_act(options, L, 1, function, names, window_names);
}

static void set_level(struct power_fault *fault, uint32_t mv, sim_ns_t for_ns)
{
    fault->shape = (struct run_supply_line){.points = {{0, mv}, {for_ns, mv}}, .len = 2};
    fault->for_ns = for_ns;
}

/* The functions. */

static int power_cut(lua_State *L)
{
    static const char *const names[] = {NULL};
    struct lua_options options;
    struct case_injection *entry;
    open_power(&options, L, "power.cut", names);
    const sim_ns_t begin_ns = begin_option(&options);
    const sim_ns_t for_ns = length_option(&options, "for_", CUT_NS);
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    set_level(fault, 0, for_ns);
    return start(L, &options, fault, entry, begin_ns);
}

static int power_off(lua_State *L)
{
    static const char *const names[] = {"ecu", "name", NULL};
    struct lua_options options;
    struct case_injection *entry;
    lua_options_open_act(&options, L, 1, "power.off", names, NULL);
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    set_level(fault, 0, SIM_NEVER);
    fault->lasts = true;
    return start(L, &options, fault, entry, fault->sim->now_ns);
}

/* Ends what power.off began, for these ECUs. */
static size_t switch_on(struct power_fault *fault, const struct case_ecu *ecu)
{
    size_t ended = 0;
    size_t left = 0;
    for (size_t i = 0; i < fault->parts_len; i++) {
        struct power_part *part = &fault->parts[i];
        if (part->number != 0 && (ecu == NULL || part->ecu == ecu)) {
            run_supply_end(&part->ecu->supply, part->number);
            part->number = 0;
            ended++;
        }
        left += part->number != 0;
    }
    if (fault->active && left == 0) {
        end(fault);
    }
    return ended;
}

static int power_on(lua_State *L)
{
    static const char *const names[] = {"ecu", NULL};
    struct lua_options options;
    lua_options_open_act(&options, L, 1, "power.on", names, NULL);
    struct case_world *world = lua_api_ctx(L);
    const struct case_ecu *ecu =
        is_all(&options) ? NULL : case_world_ecu(world, L, lua_option_text(&options, "ecu", NULL));
    size_t ended = 0;
    for (size_t i = 0; i < world->injections_len; i++) {
        const struct case_injection *entry = &world->injections[i];
        struct power_fault *fault = entry->fired == power_fired ? entry->ctx : NULL;
        if (fault != NULL && fault->lasts && fault->active) {
            ended += switch_on(fault, ecu);
        }
    }
    if (ended == 0) {
        luaL_error(L, "power.on: %s is not off", ecu != NULL ? ecu->ecu->name : "no ECU");
    }
    return 0;
}

static int power_brownout(lua_State *L)
{
    static const char *const names[] = {"to", "ramp", "recover", NULL};
    struct lua_options options;
    struct case_injection *entry;
    open_power(&options, L, "power.brownout", names);
    const sim_ns_t begin_ns = begin_option(&options);
    if (!lua_option_given(&options, "to")) {
        lua_option_error(&options, "to", "is missing: to = \"3600mV\", say");
    }
    const uint32_t mv = lua_option_mv(&options, "to", 0);
    const sim_ns_t ramp_ns = lua_option_duration(&options, "ramp", 0);
    const sim_ns_t down_ns = ramp_ns + length_option(&options, "for_", CUT_NS);
    const sim_ns_t up_ns = down_ns + lua_option_duration(&options, "recover", ramp_ns);
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    const uint32_t nominal_mv = fault->parts[0].ecu->nominal_mv;
    fault->shape = (struct run_supply_line){
        .points = {{0, nominal_mv}, {ramp_ns, mv}, {down_ns, mv}, {up_ns, nominal_mv}}, .len = 4};
    fault->for_ns = up_ns;
    return start(L, &options, fault, entry, begin_ns);
}

/* One {at=, mv=} of the list. */
static struct s12x_supply_point read_point(const struct lua_options *options, lua_Integer number)
{
    static const char *const names[] = {"at", "mv", NULL};
    lua_State *L = options->L;
    struct lua_options inner;
    const char *function = lua_pushfstring(L, "%s: point %d", options->function, (int)number);
    lua_rawgeti(L, options->index, number);
    lua_options_open(&inner, L, -1, function, names, NULL);
    if (!lua_option_given(&inner, "at") || !lua_option_given(&inner, "mv")) {
        lua_option_error(&inner, "at", "a point is {at = \"20ms\", mv = 6000}");
    }
    const struct s12x_supply_point point = {.at_ns = lua_option_duration(&inner, "at", 0),
                                            .mv = lua_option_mv(&inner, "mv", 0)};
    lua_pop(L, 2);
    return point;
}

static struct run_supply_line read_curve(const struct lua_options *options)
{
    struct run_supply_line line = {.len = 0};
    const size_t len = lua_rawlen(options->L, options->index);
    if (len < 2 || len > S12X_SUPPLY_POINTS_MAX) {
        luaL_error(options->L, "%s: a curve has 2 to %d points, {at = \"20ms\", mv = 6000}",
                   options->function, S12X_SUPPLY_POINTS_MAX);
    }
    for (size_t i = 0; i < len; i++) {
        line.points[i] = read_point(options, (lua_Integer)i + 1);
        if ((i == 0 && line.points[i].at_ns != 0) ||
            (i > 0 && line.points[i].at_ns < line.points[i - 1].at_ns)) {
            luaL_error(options->L, "%s: point %d: instants begin with 0 and rise",
                       options->function, (int)i + 1);
        }
    }
    line.len = len;
    return line;
}

static int power_curve(lua_State *L)
{
    static const char *const names[] = {"#", "ecu", "name", "from", "after", NULL};
    struct lua_options options;
    struct case_injection *entry;
    lua_options_open_act(&options, L, 1, "power.curve", names, NULL);
    const sim_ns_t begin_ns = begin_option(&options);
    const struct run_supply_line line = read_curve(&options);
    if (line.points[line.len - 1].at_ns == 0) {
        return luaL_error(L, "power.curve: the last point must be later than the first");
    }
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    fault->shape = line;
    fault->for_ns = line.points[line.len - 1].at_ns;
    return start(L, &options, fault, entry, begin_ns);
}

static int power_kl15(lua_State *L)
{
    static const char *const names[] = {"on", NULL};
    struct lua_options options;
    struct case_injection *entry;
    open_power(&options, L, "power.kl15", names);
    const sim_ns_t begin_ns = begin_option(&options);
    if (!lua_option_given(&options, "on")) {
        lua_option_error(&options, "on", "is missing: true or false");
    }
    const bool on = lua_option_flag(&options, "on", false);
    const sim_ns_t for_ns = length_option(&options, "for_", SIM_NEVER);
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    fault->is_ignition = true;
    fault->ignition = on;
    fault->for_ns = for_ns;
    return start(L, &options, fault, entry, begin_ns);
}

/* power.cut_at. */

static bool is_meant(struct power_fault *fault, const struct s12x_op *op)
{
    if ((!fault->any && ecu_book_op_erases(op) != fault->erase) ||
        (fault->has_address && !ecu_book_op_touches(op, fault->address)) ||
        fault->fired >= fault->times) {
        return false;
    }
    const uint64_t number = fault->seen++;
    return number >= fault->skip &&
           (fault->every == 0 ? number == fault->skip : (number - fault->skip) % fault->every == 0);
}

static void on_op(void *ctx, const struct s12x_op *op, enum ecu_book_event event, sim_ns_t now_ns)
{
    struct power_fault *fault = ctx;
    if (event == ECU_BOOK_LAUNCH && is_meant(fault, op) && !sim_event_pending(&fault->event)) {
        fault->launched_ns = now_ns;
        sim_schedule(fault->sim, &fault->aim, now_ns);
    }
}

/* The operation runs: its length is known, whatever other injections do to it. */
static void on_aim(struct sim *sim, void *ctx)
{
    struct power_fault *fault = ctx;
    const struct s12x_flash *flash = s12x_ecu_flash(fault->parts[0].ecu->s12x);
    const sim_ns_t end_ns = s12x_flash_command_end_ns(flash);
    const sim_ns_t length_ns = end_ns != SIM_NEVER ? end_ns - fault->launched_ns : 0;
    sim_schedule(sim, &fault->event,
                 fault->launched_ns + length_ns / 1000 * fault->permille +
                     length_ns % 1000 * fault->permille / 1000);
}

static uint64_t power_seen(void *ctx)
{
    const struct power_fault *fault = ctx;
    return fault->seen;
}

static void read_place(const struct lua_options *options, struct power_fault *fault)
{
    static const char *const operations[] = {"erase", "program", "any", NULL};
    static const char *const places[] = {"before", "after", NULL};
    const size_t which = lua_option_choice(options, "operation", operations, 2);
    fault->erase = which == 0;
    fault->any = which == 2;
    fault->has_address = lua_option_given(options, "address");
    fault->address = (uint32_t)lua_option_integer(options, "address", ECU_BOOK_BASE, 0x7FFFFF, 0);
    fault->permille = (uint32_t)lua_option_integer(options, "permille", 0, 1000, 500);
    if (lua_option_given(options, "at")) {
        if (lua_option_given(options, "permille")) {
            lua_option_error(options, "at", "not beside permille, which says the same");
        }
        fault->permille = lua_option_choice(options, "at", places, 0) == 0 ? 0 : 1000;
    }
    fault->skip = lua_option_integer(options, "nth", 1, UINT32_MAX, 1) - 1;
    fault->every = lua_option_integer(options, "every", 1, UINT32_MAX, 0);
    fault->times =
        lua_option_integer(options, "times", 1, UINT32_MAX, fault->every == 0 ? 1 : UINT32_MAX);
    if (fault->times > 1 && fault->every == 0) {
        lua_option_error(options, "times", "needs every: each so many-th operation");
    }
}

static int power_cut_at(lua_State *L)
{
    static const char *const names[] = {"ecu",   "name", "for_",    "operation", "nth", "every",
                                        "times", "at",   "address", "permille",  NULL};
    static const struct lua_injection_ops at_ops = {
        .first_ns = power_first_ns, .seen = power_seen, .stop = power_stop};
    struct lua_options options;
    struct case_injection *entry;
    struct power_fault wanted = {.fired = 0};
    lua_options_open_act(&options, L, 1, "power.cut_at", names, NULL);
    const sim_ns_t for_ns = length_option(&options, "for_", CUT_NS);
    read_place(&options, &wanted);
    if (is_all(&options)) {
        lua_option_error(&options, "ecu", "is one ECU: name it");
    }
    struct power_fault *fault = new_fault(lua_api_ctx(L), &options, &entry);
    struct case_ecu *ecu = fault->parts[0].ecu;
    if (ecu->s12x == NULL) {
        lua_option_error(&options, "ecu", "%s has no flash", ecu->ecu->name);
    }
    set_level(fault, 0, for_ns);
    read_place(&options, fault);
    sim_event_init(&fault->aim, SIM_FAULT, on_aim, fault, NULL);
    fault->listener = (struct ecu_book_listener){.on_op = on_op, .ctx = fault};
    ecu_book_listen(&ecu->book, &fault->listener);
    lua_injection_push(L, entry, &at_ops, fault);
    return 1;
}

static const struct lua_api_function functions[] = {
    {"cut", power_cut,
     "power.cut{ecu=, for_=, from=, after=}: the supply is gone at once, and back after for_ (1 "
     "s).",
     "power.cut{ecu = \"bcm\", for_ = \"200ms\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "assert(tester:request(\"3E 00\", {timeout = \"100ms\"}) == nil)"},
    {"off", power_off, "power.off{ecu=}: the supply is gone until power.on.",
     "power.off{ecu = \"all\"}\n"
     "wait(\"1h\")\n"
     "power.on{ecu = \"all\"}"},
    {"on", power_on, "power.on{ecu=}: ends what power.off has begun.",
     "power.off{ecu = \"bcm\"}\n"
     "wait(1)\n"
     "power.on{ecu = \"bcm\"}\n"
     "wait(1)\n"
     "assert(bus.tester{ecu = \"bcm\"}:request(\"3E 00\") == \"7E 00\")"},
    {"brownout", power_brownout,
     "power.brownout{ecu=, to=, ramp=, for_=, recover=, from=, after=}: down to a voltage in the "
     "time ramp, there for for_, and up in the time recover (as ramp).",
     "power.brownout{ecu = \"bcm\", to = \"3.6V\", ramp = \"20ms\", for_ = \"100ms\"}\n"
     "wait(1)"},
    {"curve", power_curve,
     "power.curve{ecu=, {at=, mv=}, ..., from=, after=}: the supply follows these points, joined "
     "by "
     "straight lines, then is as before.",
     "power.curve{ecu = \"bcm\", {at = 0, mv = 13500}, {at = \"5ms\", mv = 6000},\n"
     "            {at = \"15ms\", mv = 6000}, {at = \"50ms\", mv = 9500}, {at = 1, mv = 12000}}\n"
     "wait(2)"},
    {"kl15", power_kl15,
     "power.kl15{on=, for_=, ecu=, from=, after=}: the ignition is on or off for a time, or for "
     "good.",
     "power.kl15{on = false, for_ = \"500ms\", ecu = \"all\"}\n"
     "local tester = bus.tester{ecu = \"bcm\"}\n"
     "tester:request(\"10 03\")\n"
     "assert(tester:request(\"31 01 02 03\") == \"71 01 02 03 01\")"},
    {"cut_at", power_cut_at,
     "power.cut_at{ecu=, operation=, nth=, address=, at=, permille=, for_=, every=, times=}: cuts "
     "the supply when a flash operation starts (at = \"before\"), after so much of it (permille, "
     "500), or when it is done (\"after\").",
     "local cut = power.cut_at{ecu = \"bcm\", operation = \"erase\", nth = 3, permille = 900,\n"
     "                         for_ = \"500ms\"}\n"
     "assert(cut:seen() == 0)\n"
     "cut:optional() -- nobody erases here"},
};

const struct lua_api lua_power_api = {
    .table = "power", .functions = functions, .functions_len = ARRAY_SIZE(functions)};
