/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_ecu_lua.c - hooks of an ECU: bytes in, bytes or a response code out, and
 * whatever a function does wrong costs one answer. */
#include "scenarios/engine/ecu_lua.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char text[] =
    "calls = 0\n"
    "function echo(bytes) calls = calls + 1 return bytes .. string.char(calls) end\n"
    "function refuse() return nil, 0x22 end\n"
    "function pending() return nil, 0x78 end\n"
    "function number() return 7 end\n"
    "function nothing() end\n"
    "function fails() error('broken') end\n"
    "function endless() while true do end end\n"
    "function hungry() local t = 'x' while true do t = t .. t end end\n"
    "function long() return string.rep('x', 300) end\n"
    "not_a_function = 1\n";

static void *open_text(const char *content, struct err *err)
{
    char path[] = "/tmp/ecu-lua-XXXXXX";
    const int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    close(fd);
    void *hooks = ecu_lua_hooks.open(path, "door", 1, err);
    unlink(path);
    return hooks;
}

static int call(void *hooks, const char *name, uint8_t out[256])
{
    return ecu_lua_hooks.call(hooks, name, (const uint8_t *)"\0\xFF", 2, out, 255);
}

Test(ecu_lua, a_function_gets_bytes_and_gives_bytes)
{
    struct err err = {.code = 0};
    uint8_t out[256];
    void *hooks = open_text(text, &err);
    cr_assert(hooks != NULL, "%s", err.text);
    cr_expect_eq(call(hooks, "echo", out), 3);
    cr_expect_arr_eq(out, "\0\xFF\x01", 3);
    cr_expect_eq(call(hooks, "echo", out), 3);
    cr_expect_eq(out[2], 2, "the state of the file stays");
    cr_expect_eq(call(hooks, "refuse", out), -0x22);
    cr_expect(ecu_lua_hooks.has(hooks, "echo"));
    cr_expect_not(ecu_lua_hooks.has(hooks, "not_a_function"));
    cr_expect_not(ecu_lua_hooks.has(hooks, "missing"));
    ecu_lua_hooks.close(hooks);
}

Test(ecu_lua, what_goes_wrong_costs_one_answer, .init = cr_redirect_stderr)
{
    static const char *const wrong[] = {"pending", "number", "nothing", "fails",
                                        "endless", "hungry", "long",    "missing"};
    struct err err = {.code = 0};
    uint8_t out[256];
    void *hooks = open_text(text, &err);
    cr_assert(hooks != NULL);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        cr_expect_eq(call(hooks, wrong[i], out), -0x10, "%s", wrong[i]);
        cr_expect_eq(call(hooks, "echo", out), 3, "after %s", wrong[i]);
        cr_expect_eq(out[2], (uint8_t)(i + 1), "after %s", wrong[i]);
    }
    ecu_lua_hooks.close(hooks);
}

/* Two ECUs with one file have a state each. */
Test(ecu_lua, ecus_share_nothing)
{
    struct err err = {.code = 0};
    uint8_t out[256];
    void *one = open_text(text, &err);
    void *other = open_text(text, &err);
    cr_assert(one != NULL && other != NULL);
    (void)call(one, "echo", out);
    (void)call(other, "echo", out);
    cr_expect_eq(out[2], 1);
    ecu_lua_hooks.close(one);
    ecu_lua_hooks.close(other);
}

Test(ecu_lua, a_file_that_is_no_lua_is_refused_with_its_line)
{
    struct err err = {.code = 0};
    cr_expect(open_text("x = 1\nfunction (\n", &err) == NULL);
    cr_expect(err.code < 0 && strstr(err.text, ":2:") != NULL, "%s", err.text);
}
