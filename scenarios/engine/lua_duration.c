/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/engine/lua_duration.c - lengths of time, exact to the nanosecond where a text is given.
 */
#include "scenarios/engine/lua_duration.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

struct unit {
    const char *name;
    sim_ns_t ns;
};

static const struct unit units[] = {
    {"ns", 1},       {"us", SIM_US(1)},  {"ms", SIM_MS(1)},
    {"s", SIM_S(1)}, {"min", SIM_S(60)}, {"h", SIM_S(3600)},
};

static const struct unit *unit_of(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (strcmp(text, units[i].name) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

/* Moves *p behind digits; false if there are none, or more than a duration can have. */
static bool skip_digits(const char **p)
{
    const size_t len = strspn(*p, "0123456789");
    *p += len;
    return len > 0 && len <= 18;
}

static uint64_t whole_part(const char *digits)
{
    uint64_t value = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (uint64_t)(*digits - '0');
    }
    return value;
}

/* What is below a nanosecond is dropped. */
static sim_ns_t fraction_ns(const char *digits, sim_ns_t unit_ns)
{
    sim_ns_t ns = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) {
        unit_ns /= 10;
        ns += (sim_ns_t)(*digits - '0') * unit_ns;
    }
    return ns;
}

int lua_duration_parse(const char *text, sim_ns_t *ns, struct err *err)
{
    const char *p = text;
    const char *fraction = "";
    bool ok = skip_digits(&p);
    if (ok && *p == '.') {
        fraction = ++p;
        ok = skip_digits(&p);
    }
    p += strspn(p, " ");
    const struct unit *unit = ok ? unit_of(p) : NULL;
    if (unit == NULL) {
        return err_set(
            err, ERR_SYNTAX,
            "\"%.40s\" is no duration: write a number and ns, us, ms, s, min or h, as in "
            "\"1500ms\"",
            text);
    }
    const uint64_t whole = whole_part(text);
    if (whole >= LUA_DURATION_MAX_NS / unit->ns) {
        return err_set(err, ERR_RANGE, "\"%.40s\" is ten years or more", text);
    }
    *ns = whole * unit->ns + fraction_ns(fraction, unit->ns);
    return 0;
}

sim_ns_t lua_check_duration(lua_State *L, int argument)
{
    if (lua_type(L, argument) == LUA_TSTRING) {
        sim_ns_t ns = 0;
        struct err err = {0};
        if (lua_duration_parse(lua_tostring(L, argument), &ns, &err) != 0) {
            luaL_argerror(L, argument, lua_pushstring(L, err.text));
        }
        return ns;
    }
    luaL_argexpected(L, lua_type(L, argument) == LUA_TNUMBER, argument,
                     "number of seconds or text such as \"1500ms\"");
    const lua_Number seconds = lua_tonumber(L, argument);
    luaL_argcheck(L, seconds >= 0 && seconds * 1e9 <= (lua_Number)LUA_DURATION_MAX_NS, argument,
                  "not between 0 and ten years");
    return (sim_ns_t)(seconds * 1e9 + 0.5);
}
