/* SPDX-License-Identifier: Apache-2.0 */
/* tests/e2e/test_adapters.c - the adapters that are shipped, from the campaign to the result: each
 * starts its master as a guest of limphome exec. */
#include "scenarios/engine/adapter.h"
#include "tests/e2e/sample_images.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { IMAGE_KB = 24, OUTPUT_MAX = 64 * 1024 };

struct play {
    char folder[64];
    char state[80];
    struct adapter adapter;
    struct campaign campaign;
    struct adapter_launch launch;
    struct master_result result;
    char output[OUTPUT_MAX];
};

static struct play *play_new(const char *adapter)
{
    struct play *p = calloc(1, sizeof *p);
    struct err err = {.code = 0};
    cr_assert_not_null(p);
    (void)snprintf(p->folder, sizeof p->folder, "/tmp/adapters-XXXXXX");
    cr_assert_not_null(mkdtemp(p->folder));
    (void)snprintf(p->state, sizeof p->state, "%s/state", p->folder);
    cr_assert_eq(mkdir(p->state, 0755), 0);
    cr_assert_eq(adapter_load(&p->adapter, adapter, &err), 0, "%s", err.text);
    struct campaign *c = &p->campaign;
    campaign_init(c);
    c->profile = p->adapter.profile;
    c->ecus_len = 1;
    struct campaign_ecu *ecu = &c->ecus[0];
    ecu->address = (struct campaign_address){
        .request_id = 0x7E0, .response_id = 0x7E8, .functional_id = 0x7DF};
    ecu->secret = 0x4C494D50;
    ecu->pad = true;
    ecu->padding = 0xCC;
    (void)snprintf(c->id, sizeof c->id, "c-1");
    (void)snprintf(ecu->name, sizeof ecu->name, "bcm");
    (void)snprintf(ecu->bus, sizeof ecu->bus, "can0");
    (void)snprintf(ecu->hardware_id, sizeof ecu->hardware_id, "BCM-HW-1");
    (void)snprintf(ecu->image, sizeof ecu->image, "%s", sample_image("2.0.0", IMAGE_KB));
    (void)snprintf(ecu->version, sizeof ecu->version, "2.0.0");
    (void)snprintf(c->state_folder, sizeof c->state_folder, "%s", p->state);
    return p;
}

/* One life, of an ECU that runs that version. */
static void live(struct play *p, const char *version)
{
    struct err err = {.code = 0};
    char command[8192];
    const struct adapter_place place = {.folder = p->folder,
                                        .programs = LIMPHOME_BINARY_DIR "/bin"};
    cr_assert_eq(adapter_start(&p->adapter, &p->campaign, &place, &p->launch, &err), 0, "%s",
                 err.text);
    size_t len =
        (size_t)snprintf(command, sizeof command, "cd %s && env", p->launch.working_folder);
    for (size_t i = 0; p->launch.environment[i] != NULL; i++) {
        len += (size_t)snprintf(command + len, sizeof command - len, " '%s'",
                                p->launch.environment[i]);
    }
    len += (size_t)snprintf(command + len, sizeof command - len,
                            " timeout 60 " LIMPHOME_BINARY_DIR
                            "/bin/limphome exec --for 1200s --until-exit --image %s --",
                            sample_image(version, IMAGE_KB));
    for (size_t i = 0; p->launch.argv[i] != NULL; i++) {
        len += (size_t)snprintf(command + len, sizeof command - len, " '%s'", p->launch.argv[i]);
    }
    (void)snprintf(command + len, sizeof command - len, " 2>&1");
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    const struct adapter_ending ending = {.output = p->output,
                                          .output_len = fread(p->output, 1, OUTPUT_MAX - 1, pipe),
                                          .exited = true};
    struct adapter_ending whole = ending;
    const int status = pclose(pipe);
    whole.exit_code = WEXITSTATUS(status);
    adapter_result(&p->adapter, &p->launch, &whole, &p->result);
}

static void play_free(struct play *p)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", p->folder);
    cr_assert_eq(system(command), 0);
    free(p);
}

static void check_all(const char *adapter)
{
    struct play *p = play_new(adapter);
    live(p, "1.0.0");
    cr_expect_eq(p->result.code, MASTER_SUCCESS, "%s: %s\n%s", adapter, p->result.trouble,
                 p->output);
    cr_expect_str_eq(p->result.version, "2.0.0");
    cr_expect_eq(p->result.reports, 1);
    (void)snprintf(p->campaign.id, sizeof p->campaign.id, "c-2");
    live(p, "2.0.0");
    cr_expect_eq(p->result.code, MASTER_UP_TO_DATE, "%s: %s\n%s", adapter, p->result.trouble,
                 p->output);
    (void)snprintf(p->campaign.id, sizeof p->campaign.id, "c-3");
    memset(p->campaign.ecus[0].sha256, '0', 64);
    live(p, "1.0.0");
    cr_expect_eq(p->result.code, MASTER_REFUSED, "%s: %s\n%s", adapter, p->result.trouble,
                 p->output);
    play_free(p);
}

Test(adapters, the_reference_master)
{
    check_all(LIMPHOME_SOURCE_DIR "/masters/reference.json");
}

Test(adapters, the_simple_master)
{
    check_all(LIMPHOME_SOURCE_DIR "/masters/minimal.json");
}

Test(adapters, the_reference_reports_each_ecu_and_its_reason)
{
    struct play *p = play_new(LIMPHOME_SOURCE_DIR "/masters/reference.json");
    p->campaign.ecus[0].bytes = 5;
    live(p, "1.0.0");
    cr_expect_eq(p->result.code, MASTER_REFUSED, "%s\n%s", p->result.trouble, p->output);
    cr_expect_str_eq(p->result.reason_code, "SIZE");
    cr_expect_eq(p->result.ecus_len, 1);
    cr_expect_str_eq(p->result.ecus[0].name, "bcm");
    (void)snprintf(p->campaign.id, sizeof p->campaign.id, "c-2");
    p->campaign.action = CAMPAIGN_NONE;
    live(p, "1.0.0");
    cr_expect_eq(p->result.code, MASTER_UP_TO_DATE, "%s\n%s", p->result.trouble, p->output);
    cr_expect_str_eq(p->result.version, "1.0.0");
    play_free(p);
}
