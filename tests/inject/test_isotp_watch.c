/* SPDX-License-Identifier: Apache-2.0 */
/* tests/inject/test_isotp_watch.c - what an onlooker makes of published and of broken traces. */
#include "inject/isotp_watch.h"
#include "sim/base.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct isotp_watch watch;
static struct isotp_watch_view view;

static const struct isotp_watch_cfg normal = {
    .request = {.id = 0x7E0},
    .response = {.id = 0x7E8},
    .has_functional = true,
    .functional = {.id = 0x7DF},
};

static bool see(const char *text)
{
    struct can_frame frame;
    cr_assert(can_frame_parse(text, &frame), "%s", text);
    return isotp_watch_on_frame(&watch, &frame, &view);
}

static void see_all(const char *frames)
{
    char text[4096];
    char *rest = text;
    (void)snprintf(text, sizeof text, "%s", frames);
    for (char *one = strtok_r(rest, " ", &rest); one != NULL; one = strtok_r(rest, " ", &rest)) {
        cr_assert(see(one), "%s", one);
    }
}

static void begin(const struct isotp_watch_cfg *cfg)
{
    isotp_watch_init(&watch, cfg);
}

/* Wikipedia, "ISO 15765-2" and "OBD-II PIDs", mode 09 PID 02: the vehicle identification number
 * 1D4GP00R55B123456. */
Test(isotp_watch, published_answer_with_a_vehicle_identification_number_is_put_together)
{
    static const char vin[] = "1D4GP00R55B123456";
    begin(&normal);
    see_all("7DF#0209020000000000 7E8#1014490201314434 7E0#3000000000000000 7E8#2147503030523535");
    cr_expect_not(view.last);
    see_all("7E8#2242313233343536");
    cr_assert(view.complete && view.last);
    cr_expect_eq(view.message->len, 20);
    cr_expect_arr_eq(view.message->data + 3, vin, sizeof vin - 1);
    cr_expect_eq(view.message->uds.kind, UDS_KIND_POSITIVE);
    cr_expect_eq(view.message->uds.service, 0x09);
}

Test(isotp_watch, extended_addressing_separates_connections_on_one_identifier)
{
    const struct isotp_watch_cfg cfg = {
        .request = {.id = 0x6F1, .has_target = true, .target = 0x12},
        .response = {.id = 0x612, .has_target = true, .target = 0xF1},
    };
    begin(&cfg);
    cr_expect_not(see("6F1#40021003"), "another ECU's");
    see_all("6F1#12021003");
    cr_expect(view.complete);
    cr_expect_eq(view.data_at, 2);
    see_all("612#F1100A62F1903132");
    cr_expect_eq(view.data_len, 5);
    see_all("6F1#12300000 612#F1213334353637");
    cr_expect(view.complete);
    cr_expect_arr_eq(view.message->data,
                     "\x62\xF1\x90"
                     "1234567",
                     10);
}

Test(isotp_watch, fd_frames_and_29_bit_identifiers_are_followed)
{
    char text[200] = "18DA10F1##1";
    const struct isotp_watch_cfg cfg = {
        .request = {.id = 0x18DA10F1, .ext = true},
        .response = {.id = 0x18DAF110, .ext = true},
    };
    begin(&cfg);
    strcat(text, "1046");
    for (unsigned i = 0; i < 62; i++) {
        (void)snprintf(text + strlen(text), 3, "%02X", i == 0 ? 0x36 : i);
    }
    see_all(text);
    cr_expect_eq(view.data_len, 62);
    see_all("18DAF110##1300000 18DA10F1##1213E3F404142434445AAAAAA");
    cr_expect(view.complete);
    cr_expect_eq(view.message->data[69], 0x45);
    see_all("18DA10F1##1000A22F190F191F187F18C00");
    cr_expect(view.complete);
    cr_expect_eq(view.message->len, 10);
}

Test(isotp_watch, lost_and_repeated_frames_keep_their_numbers)
{
    begin(&normal);
    see_all("7E0#1020360101020304 7E8#300000 7E0#2105060708090A0B 7E0#230000000000AABB");
    cr_expect_eq(view.index, 3, "one is missing");
    cr_expect_eq(view.offset, 6 + 2 * 7);
    see_all("7E0#230000000000AABB");
    cr_expect(view.repeated);
    see_all("7E0#240000000000AABB");
    cr_expect(view.last);
    cr_expect_not(view.complete, "it has a hole");
    see_all("7E0#1018360101020304 7E0#2105060708090A 7E0#220C0D0E0F101112 7E0#2313141516");
    cr_expect(view.last);
    cr_expect_not(view.complete, "a frame was too short");
}

Test(isotp_watch, sequence_numbers_go_round_and_the_last_frame_is_known)
{
    char text[32];
    begin(&normal);
    see_all("7E0#1FFF3601AAAAAAAA");
    for (unsigned i = 1; i <= 585; i++) {
        (void)snprintf(text, sizeof text, "7E0#2%XBBBBBBBBBBBBBB", i % 16);
        see_all(text);
        cr_assert_eq(view.index, i);
        cr_assert_eq(view.last, i == 585);
    }
    cr_expect(view.complete);
    cr_expect_eq(view.data_len, 4095 - 6 - 584 * 7);
}

Test(isotp_watch, beginning_anew_forgets_the_old_and_the_unknown_has_no_message)
{
    begin(&normal);
    see_all("7E0#2105060708090A0B");
    cr_expect_null(view.message);
    see_all("7E0#1020360101020304 7E0#100A2EF190010203 7E0#2104050607");
    cr_expect(view.complete);
    cr_expect_eq(view.message->uds.service, 0x2E);
    see_all("7E0#220102");
    cr_expect_null(view.message, "beyond the end");
    cr_expect_not(see("7E0#"), "empty");
    cr_expect_not(see("7E0#R8"), "remote");
    cr_expect_not(see("7E0#40"), "no such type");
    cr_expect_not(see("00000"
                      "7E0#021003"),
                  "29 bits");
}

Test(isotp_watch, negative_answers_are_given_the_sub_function_that_was_asked_for)
{
    begin(&normal);
    see_all("7E0#023E80 7E0#0431018200 7DF#023E80 7E8#037F3178");
    cr_expect_eq(view.message->uds.kind, UDS_KIND_NEGATIVE);
    cr_expect_eq(view.message->uds.service, 0x31);
    cr_expect_eq(view.message->uds.nrc, 0x78);
    cr_expect_eq(view.message->uds.sub, UDS_SUB(1));
    see_all("7DF#023E80");
    cr_expect_eq(view.message->uds.sub, UDS_SUB(0), "without the bit that suppresses the answer");
    see_all("7E8#0462F1900A");
    cr_expect_eq(view.message->uds.sub, 0, "22 has none");
}

Test(isotp_watch, flow_control_speaks_of_the_message_of_the_other_side)
{
    begin(&normal);
    see_all("7E0#1020360101020304 7E8#300805");
    cr_assert_not_null(view.message);
    cr_expect_eq(view.message->uds.service, 0x36);
    cr_expect_eq(view.pci.block_size, 8);
    cr_expect_eq(view.data_len, 0);
}

Test(isotp_watch, any_garbage_is_survived)
{
    unsigned seed = 1;
    begin(&normal);
    for (unsigned i = 0; i < 300000; i++) {
        struct can_frame frame = {.id = rand_r(&seed) & 1 ? 0x7E0 : 0x7E8, .flags = CAN_FLAG_FD};
        frame.len_bytes = can_len_from_dlc((uint8_t)(rand_r(&seed) % 16), true);
        for (unsigned k = 0; k < frame.len_bytes; k++) {
            frame.data[k] = (uint8_t)rand_r(&seed);
        }
        frame.data[0] &= 0x3F;
        if (isotp_watch_on_frame(&watch, &frame, &view)) {
            cr_assert_leq(view.data_at + view.data_len, frame.len_bytes);
            cr_assert(view.message == NULL || view.data_len == 0 ||
                      view.offset + view.data_len <= view.message->len);
        }
    }
}
