/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_inject_tshark.c - tshark reads the log of a bus with injections, and sees the
 * same messages as the onlooker, with the bytes that receivers saw. */
#include "sim/can/can_log.h"
#include "tests/inject/inject_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_CHARS = 4096 };

static char watched[TEXT_CHARS];

/* As tshark names them: the identifier, and the service of requests and positive answers; 3f, the
 * service refused and the code of negative ones. */
static void write_down(const struct uds_view *uds, uint32_t id)
{
    char *at = watched + strlen(watched);
    const size_t room = sizeof watched - strlen(watched);
    if (uds->kind == UDS_KIND_NEGATIVE) {
        (void)snprintf(at, room, "%u 0x3f 0x%02x 0x%02x\n", id, uds->service, uds->nrc);
    } else {
        (void)snprintf(at, room, "%u 0x%02x\n", id, uds->service);
    }
}

static void on_view(void *ctx, const struct inject_view *view, sim_ns_t now_ns)
{
    (void)ctx;
    (void)now_ns;
    if (view->watch->complete) {
        write_down(&view->watch->message->uds, view->frame->id);
    }
}

static void ask_tshark(const char *path, char *seen)
{
    char command[512], line[256];
    (void)snprintf(command, sizeof command,
                   "tshark -r %s -d can.subdissector,iso15765 -d iso15765.subdissector,uds -Y uds "
                   "-T fields -E separator=/s -e can.id -e uds.sid -e uds.err.sid -e uds.err.code "
                   "2>/dev/null",
                   path);
    FILE *in = popen(command, "r");
    cr_assert_not_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        char *end = line + strcspn(line, "\n");
        while (end > line && end[-1] == ' ') {
            end--;
        }
        (void)snprintf(seen + strlen(seen), TEXT_CHARS - strlen(seen), "%.*s\n", (int)(end - line),
                       line);
    }
    cr_assert_eq(pclose(in), 0);
}

Test(inject_tshark, tshark_sees_the_messages_that_the_onlooker_sees, .timeout = 60)
{
    char path[] = "/tmp/inject-XXXXXX", seen[TEXT_CHARS] = "";
    struct err err;
    struct inject_bus inject;
    struct inject_rule rules[2];
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    struct rig *rig = rig_new(3, 0, NULL);
    struct can_log *log = can_log_open_pcapng(path, rig->trace, &err);
    cr_assert_not_null(log, "%s", err.text);
    inject_bus_init(&inject, &rig->bus);
    inject_bus_watch(&inject, &rig_connection);
    inject.on_view = on_view;
    inject_bus_add(&inject, &rules[0],
                   &(struct inject_rule_cfg){.name = "damage",
                                             .what = {.parts = INJECT_CONSECUTIVE, .index = 2},
                                             .when = {.times = 1},
                                             .effect = {.damage = true, .damage_bit = 50}});
    inject_bus_add(&inject, &rules[1],
                   &(struct inject_rule_cfg){
                       .name = "another code",
                       .what = {.nrc = 0x31},
                       .effect = {.changes = {{.offset = 2, .mask = 0xFF, .value = 0x22}}}});
    rig_say(rig,
            "7E0#0210030000000000 7E8#065003003201F400 7E0#1018360101020304 7E8#3000000000000000 "
            "7E0#2105060708090A0B 7E0#220C0D0E0F101112 7E0#2313141516000000 7E8#037F367800000000 "
            "7E8#0276010000000000 7E0#0322F19000000000 7E8#101462F190313233 7E0#3000000000000000 "
            "7E8#2134353637383930 7E8#2231323334353637 7E0#0431010203000000 7E8#037F313100000000");
    cr_assert_eq(can_log_close(log, &err), 0);
    ask_tshark(path, seen);
    unlink(path);
    cr_expect_eq(rules[0].count.fired, 1);
    cr_expect_eq(rules[1].count.fired, 1);
    /* The onlooker tells of what was sent, the log of what was received. */
    char *changed = strstr(watched, "0x3f 0x31 0x31");
    cr_assert_not_null(changed);
    memcpy(changed, "0x3f 0x31 0x22", strlen("0x3f 0x31 0x22"));
    cr_expect_str_eq(seen, watched);
    inject_bus_release(&inject);
    rig_free(rig);
}
