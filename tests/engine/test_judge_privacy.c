/* SPDX-License-Identifier: Apache-2.0 */
/* tests/engine/test_judge_privacy.c - INV-10: secrets in what a master leaves behind. */
#include "scenarios/engine/judge_privacy.h"

#include "tests/engine/judge_rig.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t key[] = {0x9A, 0x0B, 0xCD, 0x01};

static bool holds(const void *text, size_t len, bool is_text, const void *bytes, size_t bytes_len)
{
    struct judge_secrets secrets = {.len = 0};
    size_t at;
    judge_secrets_add(&secrets, "it", bytes, bytes_len, is_text);
    return secrets.len == 1 && judge_secret_in(&secrets.items[0], text, len, &at);
}

static bool key_in(const char *text)
{
    return holds(text, strlen(text), false, key, sizeof key);
}

Test(judge_privacy, usual_spellings_are_found)
{
    cr_expect(key_in("key 9a0bcd01"));
    cr_expect(key_in("sent 27029A0BCD01"));
    cr_expect(key_in("9A 0B CD 01"));
    cr_expect(key_in("9A:0b:CD:01"));
    cr_expect(key_in("{0x9A, 0x0B, 0xCD, 0x01}"));
    cr_expect(key_in("b'\\x9a\\x0b\\xcd\\x01'"));
    cr_expect(key_in("key=0x9A0BCD01"));
    cr_expect(key_in("key 2584464641."));
}

Test(judge_privacy, what_only_looks_like_it_is_not)
{
    cr_expect_not(key_in("9A 0B CD"));
    cr_expect_not(key_in("9A 0B CD 02"));
    cr_expect_not(key_in("9A 0B; then CD 01"));
    cr_expect_not(key_in("12584464641"));
    cr_expect_not(key_in("25844646412"));
    cr_expect_not(holds(key, sizeof key, false, key, sizeof key));
}

Test(judge_privacy, texts_and_long_keys_are_found_as_they_are)
{
    static const char vin[] = "LH0SIMULATED00001";
    static const uint8_t aes[] = {1, 2, 3, 4, 5, 6, 7, 8};
    cr_expect(holds("vin: lh0simulated00001", 22, true, vin, 17));
    cr_expect(holds("4C483053494D554C41544544303030303 1", 35, true, vin, 16));
    cr_expect_not(holds("LH0SIMULATED00002", 17, true, vin, 17));
    cr_expect(holds("\0\1\2\3\4\5\6\7\10", 9, false, aes, sizeof aes));
}

Test(judge_privacy, what_stands_everywhere_is_not_searched_for)
{
    static const uint8_t zeros[4] = {0};
    static const uint8_t shorts[] = {1, 2, 3};
    struct judge_secrets secrets = {.len = 0};
    judge_secrets_add(&secrets, "zeros", zeros, sizeof zeros, false);
    judge_secrets_add(&secrets, "short", shorts, sizeof shorts, false);
    cr_expect_eq(secrets.len, 0);
    judge_secrets_add(&secrets, "key", key, sizeof key, false);
    judge_secrets_add(&secrets, "key", key, sizeof key, false);
    cr_expect_eq(secrets.len, 1);
}

Test(judge_privacy, keys_of_the_master_are_taken_from_the_bus)
{
    static const uint8_t others[] = {0x27, 2, 9, 8, 7, 6};
    struct judge_rig *rig = judge_rig_new();
    struct judge_secrets secrets = {.len = 0};
    rig_ask(rig, 0, "27 01", "67 01 11 22 33 44");
    rig_ask(rig, 10, "27 02 9A 0B CD 01", "67 02");
    rig_add(rig, 20, &rig->tester, 0, ISOTP_WATCH_REQUEST, others, sizeof others);
    judge_secrets_add_keys(&secrets, &rig->bus);
    cr_assert_eq(secrets.len, 1);
    cr_expect_arr_eq(secrets.items[0].bytes, key, sizeof key);
    judge_rig_free(rig);
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static size_t findings_of(const char *text)
{
    char folder[] = "/tmp/judge-privacy-XXXXXX";
    char inner[512];
    struct judge_secrets secrets = {.len = 0};
    struct play_result result = {.verdict = VERDICT_PASS};
    cr_assert_not_null(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/logs", folder);
    cr_assert_eq(mkdir(inner, 0700), 0);
    put(folder, "result.json", "{}");
    put(inner, "campaign.log", text);
    judge_secrets_add(&secrets, "a key", key, sizeof key, false);
    judge_privacy_folder(&secrets, folder, &result);
    const size_t len = result.findings_len;
    if (len == 1) {
        cr_expect_str_eq(result.findings[0].criterion, "INV-10");
        cr_expect_not_null(strstr(result.findings[0].seen, "logs/campaign.log: a key at byte 4"));
        cr_expect_eq(result.findings[0].at_ns, SIM_NEVER);
        cr_expect_eq(result.findings[0].bus_line, 0);
    }
    play_result_release(&result);
    char command[600];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
    return len;
}

Test(judge_privacy, a_state_folder_without_secrets_holds)
{
    cr_expect_eq(findings_of("unlocked in 12 ms"), 0);
}

Test(judge_privacy, a_key_in_a_log_breaks_inv_10)
{
    cr_expect_eq(findings_of("key 9A0BCD01 accepted"), 1);
}
