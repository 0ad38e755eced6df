/* SPDX-License-Identifier: Apache-2.0 */
/* tests/ecus/test_ecu_quirks.c - each quirk of the catalogue, as a tester on the bus sees it,
 * beside a conforming ECU. */
#include "sim/ecus/ecu_quirks.h"

#include "tests/inject/ecu_rig.h"

enum { START = 0x780000 };

static struct ecu_quirks quirks_of(enum ecu_quirk quirk)
{
    struct ecu_quirks quirks = {.blocks_lost = 0};
    ecu_quirks_add(&quirks, quirk);
    return quirks;
}

static void set(struct ecu_rig *t, enum ecu_quirk quirk)
{
    const struct ecu_quirks quirks = quirks_of(quirk);
    s12x_ecu_set_quirks(t->rig.ecu, &quirks);
}

static const char request_download[] = "34 00 44 00 78 00 00 00 00 02 00";

static void download(struct ecu_rig *t)
{
    ECU_RIG_EXPECT(t, request_download, SIM_MS(100), "74200402");
}

static void cut(struct ecu_rig *t)
{
    ecu_power_cut(t->rig.base, SIM_S(1));
    rig_run(&t->rig, SIM_S(2));
}

static void be_quiet(struct ecu_rig *t)
{
    ECU_RIG_EXPECT(t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(t, "85 02", SIM_MS(100), "C502");
    ECU_RIG_EXPECT(t, "28 03 01", SIM_MS(100), "6803");
}

static void expect_quiet(struct ecu_rig *t, bool quiet, const char *when)
{
    const struct s12x_ecu_status status = rig_status(&t->rig);
    t->cyclic = 0;
    rig_run(&t->rig, SIM_S(1));
    cr_expect(status.communication_on == !quiet && status.dtc_setting_on == !quiet, "%s", when);
    cr_expect(t->rig.base->run != ECU_APPLICATION || (t->cyclic == 0) == quiet, "%s", when);
}

Test(ecu_quirks, q1_stays_quiet_until_it_is_told_otherwise)
{
    for (int sticky = 0; sticky <= 1; sticky++) {
        struct ecu_rig t;
        ecu_rig_init(&t);
        set(&t, sticky != 0 ? ECU_QUIRK_STICKY_QUIET : ECU_QUIRK_CONFORMING);
        be_quiet(&t);
        expect_quiet(&t, true, "as told");
        ECU_RIG_EXPECT(&t, "10 01", SIM_MS(100), "5001003201F4");
        expect_quiet(&t, sticky != 0, "after a change of session");
        be_quiet(&t);
        rig_run(&t.rig, SIM_S(6));
        expect_quiet(&t, sticky != 0, "after S3");
        be_quiet(&t);
        ECU_RIG_EXPECT(&t, "11 01", SIM_S(1), "5101");
        expect_quiet(&t, sticky != 0, "after a reset");
        be_quiet(&t);
        ECU_RIG_EXPECT(&t, "10 02", SIM_S(1), "5002003201F4");
        expect_quiet(&t, sticky != 0, "in the bootloader");
        ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
        ECU_RIG_EXPECT(&t, "28 00 01", SIM_MS(100), "6800");
        ECU_RIG_EXPECT(&t, "85 01", SIM_MS(100), "C501");
        expect_quiet(&t, false, "when told");
        ecu_rig_release(&t);
    }
}

Test(ecu_quirks, q2_takes_no_block_twice)
{
    for (int rejects = 0; rejects <= 1; rejects++) {
        struct ecu_rig t;
        ecu_rig_init(&t);
        ecu_rig_enter(&t);
        set(&t, rejects != 0 ? ECU_QUIRK_REJECTS_REPEAT : ECU_QUIRK_CONFORMING);
        ecu_rig_erase(&t);
        download(&t);
        ecu_rig_block(&t, 1, 7);
        cr_expect(ecu_rig_answered(&t, "7601"));
        ecu_rig_block(&t, 1, 7);
        cr_expect(ecu_rig_answered(&t, rejects != 0 ? "7F3624" : "7601"));
        ecu_rig_block(&t, 2, 7);
        cr_expect(ecu_rig_answered(&t, rejects != 0 ? "7F3624" : "7602"));
        download(&t); /* The way out. */
        ecu_rig_block(&t, 1, 7);
        cr_expect(ecu_rig_answered(&t, "7601"));
        ecu_rig_release(&t);
    }
}

Test(ecu_quirks, q3_erases_what_is_blank)
{
    for (int again = 0; again <= 1; again++) {
        struct ecu_rig t;
        ecu_rig_init(&t);
        ecu_rig_enter(&t);
        set(&t, again != 0 ? ECU_QUIRK_ERASES_AGAIN : ECU_QUIRK_CONFORMING);
        ecu_rig_erase(&t);
        ecu_rig_erase(&t);
        cr_expect_eq(s12x_flash_erase_count(s12x_ecu_flash(t.rig.ecu), START), again != 0 ? 2 : 1);
        ecu_rig_release(&t);
    }
}

/* An erase that lasts 12 s, in a session that nobody keeps alive, and in one that somebody does. */
Test(ecu_quirks, q4_wants_tester_present_while_a_response_is_pending)
{
    static const struct {
        bool strict, kept_alive;
        const char *answer;
        enum uds_session session;
    } rows[] = {
        {false, false, "7101FF0000", UDS_SESSION_PROGRAMMING},
        {true, true, "7101FF0000", UDS_SESSION_PROGRAMMING},
        {true, false, "7F3172", UDS_SESSION_DEFAULT},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ecu_rig t;
        ecu_rig_init(&t);
        ecu_rig_enter(&t);
        set(&t, rows[i].strict ? ECU_QUIRK_STRICT_S3 : ECU_QUIRK_CONFORMING);
        struct ecu_quirks quirks = *s12x_ecu_quirks(t.rig.ecu);
        quirks.erase_ns = SIM_S(12);
        s12x_ecu_set_quirks(t.rig.ecu, &quirks);
        ecu_rig_send(&t, (const uint8_t[]){0x31, 1, 0xFF, 0}, 4, SIM_MS(200));
        for (int s = 0; s < 6; s++) {
            if (rows[i].kept_alive) {
                const uint8_t present[2] = {0x3E, 0x80};
                cr_assert(isotp_send(&t.link, present, 2, t.rig.sim.now_ns));
                ecu_rig_plan(&t);
            }
            rig_run(&t.rig, SIM_MS(2500));
        }
        cr_expect(ecu_rig_answered(&t, rows[i].answer), "row %zu: %s", i, t.log);
        cr_expect_eq(rig_status(&t.rig).session, rows[i].session, "row %zu", i);
        ecu_rig_release(&t);
    }
}

/* S3 shorter than an erase. */
Test(ecu_quirks, q4_ends_real_work_and_can_begin_it_anew)
{
    struct ecu_rig t;
    ecu_rig_init_text(&t, "\"s3_ms\": 5000", "\"s3_ms\": 2000");
    ecu_rig_enter(&t);
    set(&t, ECU_QUIRK_STRICT_S3);
    ECU_RIG_EXPECT_LOG(&t, "31 01 FF 00", SIM_MS(2100), "37:7F3178 2007:7F3172");
    cr_expect_eq(rig_status(&t.rig).erase_state, BOOT_ERASE_RUNNING);
    set(&t, ECU_QUIRK_CONFORMING);
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "10 02", SIM_MS(100), "5002003201F4");
    ecu_rig_unlock(&t);
    ecu_rig_erase(&t);
    cr_expect_eq(rig_status(&t.rig).erase_state, BOOT_ERASE_DONE);
    cr_expect_eq(s12x_flash_erase_count(s12x_ecu_flash(t.rig.ecu), START), 2);
    ecu_rig_release(&t);
}

Test(ecu_quirks, q5_is_silent_after_a_reset)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    struct ecu_quirks quirks = quirks_of(ECU_QUIRK_SLOW_BOOT);
    quirks.software.start_ns = SIM_S(9);
    s12x_ecu_set_quirks(t.rig.ecu, &quirks);
    ECU_RIG_EXPECT(&t, "11 01", SIM_MS(8900), "5101");
    ECU_RIG_EXPECT(&t, "3E 00", SIM_MS(100), "");
    rig_run(&t.rig, SIM_MS(200));
    ECU_RIG_EXPECT(&t, "3E 00", SIM_MS(100), "7E00");
    quirks = (struct ecu_quirks){.boot_ns = SIM_S(3)};
    s12x_ecu_set_quirks(t.rig.ecu, &quirks);
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "10 02", SIM_S(3), "");
    rig_run(&t.rig, SIM_MS(200));
    cr_expect(ecu_rig_answered(&t, "5002003201F4"));
    ecu_rig_release(&t);
}

/* From the programming session: erase, one block, its check, dependencies. */
static void update(struct ecu_rig *t)
{
    ecu_rig_erase(t);
    ECU_RIG_EXPECT(t, "34 00 44 00 78 00 00 00 00 01 00", SIM_MS(100), "74200402");
    ecu_rig_block(t, 1, 7);
    cr_expect(ecu_rig_answered(t, "7601"));
    ecu_rig_exit(t, "\a"); /* 7. */
    cr_expect(ecu_rig_answered(t, "77"));
}

static const char version_1_2_3[] = "62F189312E322E33";

Test(ecu_quirks, q6_says_yes_and_keeps_the_old_image)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    ECU_RIG_EXPECT(&t, "22 F1 89", SIM_MS(100), version_1_2_3);
    ecu_rig_enter(&t);
    set(&t, ECU_QUIRK_LIAR);
    update(&t);
    ECU_RIG_EXPECT(&t, "31 01 FF 01", SIM_MS(100), "7101FF0100");
    cr_expect_eq(s12x_flash_erase_count(s12x_ecu_flash(t.rig.ecu), START), 0);
    ECU_RIG_EXPECT(&t, "10 01", SIM_S(1), "5001003201F4");
    cr_expect_eq(t.rig.base->run, ECU_APPLICATION);
    ECU_RIG_EXPECT(&t, "22 F1 89", SIM_MS(100), version_1_2_3);
    ecu_rig_release(&t);
}

Test(ecu_quirks, q6_lies_about_its_version)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    struct ecu_quirks quirks = {.software = {.version = "9.9.9"}};
    s12x_ecu_set_quirks(t.rig.ecu, &quirks);
    ECU_RIG_EXPECT(&t, "22 F1 89", SIM_MS(100), "62F189392E392E39");
    quirks = (struct ecu_quirks){.software = {.hides_version = true}};
    s12x_ecu_set_quirks(t.rig.ecu, &quirks);
    ECU_RIG_EXPECT(&t, "22 F1 89", SIM_MS(100), "7F2231");
    cr_expect_str_eq(rig_status(&t.rig).version, "1.2.3", "the truth is not touched");
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "10 02", SIM_S(1), "5002003201F4");
    ECU_RIG_EXPECT(&t, "22 F1 89", SIM_MS(100), "7F2231");
    ecu_rig_release(&t);
}

static bool blank(struct ecu_rig *t, uint32_t address)
{
    static const uint8_t ones[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint8_t bytes[8];
    s12x_flash_peek(s12x_ecu_flash(t->rig.ecu), address, bytes, sizeof bytes);
    return memcmp(bytes, ones, sizeof bytes) == 0;
}

Test(ecu_quirks, q7_loses_acknowledged_blocks_at_a_power_cut_only)
{
    static const struct {
        uint8_t lost;
        bool power;
        const char *blank; /* Of the three blocks. */
    } rows[] = {{0, true, "---"}, {1, true, "--b"}, {2, true, "-bb"}, {2, false, "---"}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ecu_rig t;
        char found[4] = "---";
        ecu_rig_init(&t);
        ecu_rig_enter(&t);
        struct ecu_quirks quirks = {.blocks_lost = rows[i].lost};
        s12x_ecu_set_quirks(t.rig.ecu, &quirks);
        ecu_rig_erase(&t);
        ECU_RIG_EXPECT(&t, "34 00 44 00 78 00 00 00 00 03 00", SIM_MS(100), "74200402");
        for (uint8_t block = 1; block <= 3; block++) {
            ecu_rig_block(&t, block, block);
            cr_expect_eq(t.answer_len, 2);
        }
        if (rows[i].power) {
            cut(&t);
        } else {
            ecu_reset(t.rig.base, ECU_RESET_EXTERNAL);
            rig_run(&t.rig, SIM_S(1));
        }
        for (uint32_t block = 0; block < 3; block++) {
            found[block] = blank(&t, START + 0x100 * block) ? 'b' : '-';
            cr_expect_eq(blank(&t, START + 0x100 * block + 0xF8), found[block] == 'b');
        }
        cr_expect_str_eq(found, rows[i].blank, "row %zu: %s", i, found);
        /* The master believes all three to be there; the check of the segment says no. */
        ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
        ECU_RIG_EXPECT(&t, "10 02", SIM_MS(100), "5002003201F4");
        ecu_rig_unlock(&t);
        ECU_RIG_EXPECT(&t, "34 00 44 00 78 00 00 00 00 03 00", SIM_MS(100), "74200402");
        ecu_rig_exit(&t, "\1\2\3");
        cr_expect(ecu_rig_answered(&t, strchr(rows[i].blank, 'b') != NULL ? "7F3772" : "77"));
        ecu_rig_release(&t);
    }
}

Test(ecu_quirks, q7_keeps_what_was_checked)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    ecu_rig_enter(&t);
    set(&t, ECU_QUIRK_WRITE_BACK);
    update(&t);
    cut(&t);
    cr_expect(!blank(&t, START));
    ecu_rig_release(&t);
}

Test(ecu_quirks, q8_has_a_small_buffer)
{
    struct ecu_rig t;
    uint8_t request[600] = {0x36, 1};
    ecu_rig_init(&t);
    ecu_rig_enter(&t);
    ecu_rig_erase(&t);
    download(&t);
    set(&t, ECU_QUIRK_SMALL_BUFFER);
    ecu_rig_send(&t, request, sizeof request, SIM_S(1));
    cr_expect_str_eq(t.flow, "0:32017F");
    cr_expect_str_eq(t.log, "");
    ecu_rig_send(&t, request, 16, SIM_S(1));
    cr_expect_str_eq(t.flow, "0:31017F 200:31017F 400:30017F 401:30017F", "%s", t.flow);
    cr_expect(ecu_rig_answered(&t, "7601"));
    ecu_rig_release(&t);
}

/* An erase that is cut, and a master that sends data all the same. */
Test(ecu_quirks, q9_takes_data_for_flash_that_is_not_blank)
{
    for (int blind = 0; blind <= 1; blind++) {
        struct ecu_rig t;
        ecu_rig_init(&t);
        ecu_rig_enter(&t);
        update(&t);
        set(&t, blind != 0 ? ECU_QUIRK_HALF_ERASED : ECU_QUIRK_CONFORMING);
        ecu_rig_send(&t, (const uint8_t[]){0x31, 1, 0xFF, 0}, 4, SIM_MS(40));
        cut(&t);
        ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
        ECU_RIG_EXPECT(&t, "10 02", SIM_MS(100), "5002003201F4");
        ecu_rig_unlock(&t);
        ECU_RIG_EXPECT(&t, "34 00 44 00 78 00 00 00 00 01 00", SIM_MS(100),
                       blind != 0 ? "74200402" : "7F3422");
        if (blind != 0) {
            const struct s12x_flash *flash = s12x_ecu_flash(t.rig.ecu);
            ecu_rig_block(&t, 1, 0x55);
            const bool failed = ecu_rig_answered(&t, "7F3672");
            ecu_rig_exit(&t, "\x55");
            cr_expect(failed || ecu_rig_answered(&t, "7F3772"), "%s", t.log);
            cr_expect(s12x_flash_finding_count(flash, S12X_FIND_REPROGRAM) +
                          s12x_flash_finding_count(flash, S12X_FIND_UNBLANK_PROGRAM) >
                      0);
        }
        ecu_rig_release(&t);
    }
}

Test(ecu_quirks, q10_is_slow_within_what_it_announces)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    set(&t, ECU_QUIRK_SLOW);
    ECU_RIG_EXPECT_LOG(&t, "3E 00", SIM_MS(300), "190:7E00");
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(300), "500300C807D0");
    ECU_RIG_EXPECT(&t, "10 02", SIM_S(1), "500200C807D0");
    uint8_t key[6] = {0x27, 0x02};
    ECU_RIG_EXPECT(&t, "27 02 00 00 00 00", SIM_MS(300), "7F2724");
    (void)ecu_rig_ask(&t, "27 01", SIM_MS(300));
    cr_expect_eq(t.answer_len, 6);
    uint32_t value = proto_get_u32(t.answer + 2) ^ 0x4C494D50;
    for (int i = 0; i < 35; i++) {
        value = (value << 1) ^ ((value >> 31) != 0 ? 0x4C494D50u : 0u);
    }
    proto_put_u32(key + 2, value);
    ecu_rig_send(&t, key, sizeof key, SIM_MS(300));
    ECU_RIG_EXPECT_LOG(&t, "31 01 FF 00", SIM_S(140),
                       "30:7F3178 14252:7F3178 28474:7F3178 42697:7F3178 56919:7F3178 71141:7F3178 "
                       "85363:7F3178 99586:7F3178 113808:7F3178 128030:7101FF0000");
    ecu_rig_release(&t);
}

Test(ecu_quirks, q11_gives_the_seed_zero)
{
    struct ecu_rig t;
    ecu_rig_init(&t);
    set(&t, ECU_QUIRK_ZERO_SEED);
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "10 02", SIM_S(1), "5002003201F4");
    ECU_RIG_EXPECT(&t, "27 01", SIM_MS(100), "670100000000");
    cr_expect(rig_status(&t.rig).unlocked);
    ECU_RIG_EXPECT(&t, "27 02 00 00 00 00", SIM_MS(100), "7F2724");
    ecu_rig_release(&t);
}

Test(ecu_quirks, q11_gives_the_same_seed_and_keeps_its_delay_over_a_reset)
{
    struct ecu_rig t;
    char first[32];
    ecu_rig_init(&t);
    const struct ecu_quirks quirks = {.software = {.same_seed = true}};
    s12x_ecu_set_quirks(t.rig.ecu, &quirks);
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "10 02", SIM_S(1), "5002003201F4");
    (void)snprintf(first, sizeof first, "%s", ecu_rig_answer(&t, "27 01", SIM_MS(100)));
    for (int i = 0; i < 3; i++) {
        ECU_RIG_EXPECT(&t, "27 01", SIM_MS(100), first);
        ECU_RIG_EXPECT(&t, "27 02 00 00 00 00", SIM_MS(100), i < 2 ? "7F2735" : "7F2736");
    }
    ecu_reset(t.rig.base, ECU_RESET_EXTERNAL);
    rig_run(&t.rig, SIM_MS(100));
    ECU_RIG_EXPECT(&t, "10 03", SIM_MS(100), "5003003201F4");
    ECU_RIG_EXPECT(&t, "27 01", SIM_MS(100), "7F2737");
    ecu_rig_release(&t);
}
