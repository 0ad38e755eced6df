/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/bootloader/boot_security.c - 27: seed and key (docs/formats.md). Attempts are counted in
 * emulated EEPROM, settled before the answer, so that neither a reset nor a power cut wins one.
 *
 * Past the limit each further attempt costs the delay, until a right key clears the count; a reset
 * starts the delay anew. */
#include "sim/ecus/bootloader/bootloader.h"

enum { ROUNDS = 35, ATTEMPTS_DEFAULT = 3, SEED_LEN = 4 };

#define DELAY_DEFAULT_NS PROTO_MS(10000)

static uint16_t attempts(const struct bootloader *boot)
{
    const uint16_t count = boot_nvm_read(boot->hal, BOOT_NVM_SECURITY_ATTEMPTS);
    return count == 0xFFFFu ? 0 : count;
}

static uint16_t attempts_max(const struct bootloader *boot)
{
    return boot->cfg->security_attempts != 0 ? boot->cfg->security_attempts : ATTEMPTS_DEFAULT;
}

static proto_ns_t delay_end(const struct bootloader *boot, proto_ns_t now_ns)
{
    const proto_ns_t delay_ns = boot->cfg->security_delay_ns;
    return now_ns + (delay_ns != 0 ? delay_ns : DELAY_DEFAULT_NS);
}

void boot_security_init(struct bootloader *boot, proto_ns_t now_ns)
{
    boot->security.delay_until_ns =
        attempts(boot) >= attempts_max(boot) ? delay_end(boot, now_ns) : now_ns;
}

/* A bijection of 32-bit numbers that spreads every bit (the finaliser of MurmurHash3, public
 * domain): seeds differ as long as what goes in differs. */
static uint32_t spread(uint32_t x)
{
    x = (x ^ (x >> 16)) * UINT32_C(0x85EBCA6B);
    x = (x ^ (x >> 13)) * UINT32_C(0xC2B2AE35);
    return x ^ (x >> 16);
}

/* From the time, as the paper asks, and from a count that a reset does not turn back. */
static uint32_t new_seed(struct bootloader *boot, proto_ns_t now_ns)
{
    const uint16_t count = (uint16_t)(boot_nvm_read(boot->hal, BOOT_NVM_SEED_COUNTER) + 1u);
    boot_nvm_write(boot->hal, BOOT_NVM_SEED_COUNTER, count);
    if (boot_lab_quirks(boot->cfg->lab)->same_seed) {
        return spread(1);
    }
    const uint16_t time = (uint16_t)((now_ns >> 10) ^ (now_ns >> 26) ^ (now_ns >> 42));
    const uint32_t high = (uint32_t)count << 16;
    const uint32_t seed = spread(high | time);
    /* Zero would say "unlocked already". */
    return seed != 0 ? seed : spread(high | (uint16_t)(time ^ 1u));
}

static uint32_t key_of(uint32_t seed, uint32_t secret)
{
    uint32_t key = seed ^ secret;
    for (int i = 0; i < ROUNDS; i++) {
        const bool carry = (key & UINT32_C(0x80000000)) != 0;
        key = (key << 1) ^ (carry ? secret : 0);
    }
    return key;
}

static enum uds_nrc give_seed(struct bootloader *boot, const struct uds_request *req,
                              struct uds_response *rsp)
{
    struct boot_security *security = &boot->security;
    if (req->len != 2) {
        return UDS_NRC_LENGTH;
    }
    rsp->len = 2 + SEED_LEN;
    if (boot->uds.unlocked) {
        proto_put_u32(rsp->data + 2, 0);
        return UDS_POSITIVE;
    }
    if (req->now_ns < security->delay_until_ns) {
        return UDS_NRC_DELAY_NOT_EXPIRED;
    }
    if (boot_lab_quirks(boot->cfg->lab)->zero_seed) {
        boot->uds.unlocked = true;
        proto_put_u32(rsp->data + 2, 0);
        return UDS_POSITIVE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    security->seed = new_seed(boot, req->now_ns);
    security->seed_given = true;
    proto_put_u32(rsp->data + 2, security->seed);
    return nrc;
}

static enum uds_nrc count_failure(struct bootloader *boot, proto_ns_t now_ns)
{
    const uint16_t limit = attempts_max(boot);
    const uint16_t count = (uint16_t)(attempts(boot) + 1u);
    boot_nvm_write(boot->hal, BOOT_NVM_SECURITY_ATTEMPTS, count < limit ? count : limit);
    if (count < limit) {
        return UDS_NRC_INVALID_KEY;
    }
    boot->security.delay_until_ns = delay_end(boot, now_ns);
    return UDS_NRC_ATTEMPTS_EXCEEDED;
}

static enum uds_nrc take_key(struct bootloader *boot, const struct uds_request *req)
{
    struct boot_security *security = &boot->security;
    if (req->len != 2 + SEED_LEN) {
        return UDS_NRC_LENGTH;
    }
    if (!security->seed_given) {
        return UDS_NRC_SEQUENCE;
    }
    const enum uds_nrc nrc = boot_begin_job(boot, BOOT_JOB_SETTLE);
    if (nrc != UDS_NRC_RESPONSE_PENDING) {
        return nrc;
    }
    security->seed_given = false; /* One key for each seed. */
    if (proto_get_u32(req->data + 2) == key_of(security->seed, boot->cfg->security_secret)) {
        boot_nvm_write(boot->hal, BOOT_NVM_SECURITY_ATTEMPTS, 0);
        boot->uds.unlocked = true;
    } else {
        boot->job_nrc = count_failure(boot, req->now_ns);
    }
    return nrc;
}

enum uds_nrc boot_on_security(void *ctx, const struct uds_request *req, struct uds_response *rsp)
{
    return req->data[1] == 1 ? give_seed(ctx, req, rsp) : take_key(ctx, req);
}
