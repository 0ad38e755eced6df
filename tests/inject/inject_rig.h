/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/inject_rig.h - a tester, an ECU and a third station on one bus with injections. */
#ifndef TESTS_INJECT_RIG_H
#define TESTS_INJECT_RIG_H

#include "inject/inject_bus.h"
#include "tests/can/bus_rig.h"

enum { TESTER, ECU, THIRD };

static const struct isotp_watch_cfg rig_connection = {
    .request = {.id = 0x7E0},
    .response = {.id = 0x7E8},
    .has_functional = true,
    .functional = {.id = 0x7DF},
};

/* All that the third station, which only listens, has received, as candump writes it, with blanks
 * between. */
static inline const char *rig_heard(const struct rig *rig)
{
    static char text[8192];
    char one[CAN_TEXT_MAX];
    text[0] = '\0';
    for (size_t i = 0; i < rig_count(rig, THIRD, SEEN_FRAME); i++) {
        (void)can_frame_print(&rig_seen(rig, THIRD, SEEN_FRAME, i)->frame, one);
        strcat(text, i == 0 ? "" : " ");
        strcat(text, one);
    }
    return text;
}

/* Each frame is sent when the one before is through; 7E8 comes from the ECU, all others from the
 * tester. */
static inline void rig_say(struct rig *rig, const char *frames)
{
    char text[4096];
    char *rest = text;
    (void)snprintf(text, sizeof text, "%s", frames);
    for (char *one = strtok_r(rest, " ", &rest); one != NULL; one = strtok_r(rest, " ", &rest)) {
        const size_t from = strncmp(one, "7E8", 3) == 0 ? ECU : TESTER;
        cr_assert_eq(rig_send(rig, from, one), CAN_SEND_QUEUED, "%s", one);
        rig_run(rig, rig->sim.now_ns + SIM_MS(1));
    }
}

#endif
