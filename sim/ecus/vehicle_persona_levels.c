/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/vehicle_persona_levels.c - security levels of a personality. */
#include "sim/ecus/vehicle_persona_rows.h"

#include "sim/ecus/bootloader/boot_algorithms.h"

#include <string.h>

static const char *const algorithms[] = {"shift-xor", "xor",         "add",  "complement", "crc32",
                                         "sha256",    "hmac-sha256", "hook", NULL};
static boot_key_fn *const algorithm_functions[] = {
    boot_key_shift_xor, boot_key_xor,    boot_key_add,         boot_key_complement,
    boot_key_crc32,     boot_key_sha256, boot_key_hmac_sha256, boot_key_hook};
struct level_desc {
    uint32_t level, seed, key, algorithm, attempts, delay_ms;
    uint8_t sessions, where;
    bool programming;
    struct vehicle_bytes secret;
    char hook[PERSONA_HOOK_MAX + 1];
};

#define AT(field) offsetof(struct level_desc, field)
const struct member persona_level_members[] = {
    {.name = "level",
     .kind = MEMBER_NUMBER,
     .required = true,
     .min = 1,
     .max = 0x7D,
     .offset = AT(level)},
    NUMBER("seed", 1, BOOT_SEED_MAX, AT(seed)),
    NUMBER("key", 1, BOOT_SEED_MAX, AT(key)),
    CHOICE("algorithm", algorithms, AT(algorithm)),
    BYTES("secret", 1, BOOT_SEED_MAX, AT(secret)),
    NUMBER("attempts", 1, 255, AT(attempts)),
    NUMBER("delay_ms", 1, 3600000, AT(delay_ms)),
    SESSIONS("sessions", AT(sessions)),
    PLACES("where", AT(where)),
    YES_NO("programming", AT(programming)),
    HOOK("hook", AT(hook)),
    MEMBERS_END,
};
#undef AT

static int check_level(struct vehicle_reader *r, const struct level_desc *desc)
{
    boot_key_fn *algorithm = algorithm_functions[desc->algorithm];
    const bool equal =
        algorithm == boot_key_xor || algorithm == boot_key_add || algorithm == boot_key_complement;
    if (desc->level % 2 == 0) {
        return vehicle_fail(r, ERR_RANGE, "a level is the number of its seed request, and odd");
    }
    if (algorithm == boot_key_shift_xor && (desc->seed != 4 || desc->key != 4)) {
        return vehicle_fail(r, ERR_RANGE, "shift-xor works on seeds and keys of 4 bytes");
    }
    if (algorithm == boot_key_shift_xor && desc->secret.len != 0 && desc->secret.len != 4) {
        return vehicle_fail(r, ERR_RANGE, "shift-xor takes a secret of 4 bytes");
    }
    if (algorithm == boot_key_crc32 && desc->key != 4) {
        return vehicle_fail(r, ERR_RANGE, "crc32 gives a key of 4 bytes, not %u", desc->key);
    }
    if (equal && desc->seed != desc->key) {
        return vehicle_fail(r, ERR_RANGE, "%s gives a key as long as its seed, %u bytes",
                            algorithms[desc->algorithm], desc->seed);
    }
    if ((algorithm == boot_key_hook) != (desc->hook[0] != '\0')) {
        return vehicle_fail(r, ERR_CONFLICT,
                            "\"hook\" names a function if, and only if, the algorithm is \"hook\"");
    }
    return 0;
}

int persona_read_level(struct vehicle_reader *r, const cJSON *json, void *to, size_t index)
{
    struct vehicle_personality *persona = to;
    struct level_desc desc = {.seed = 4,
                              .key = 4,
                              .sessions = BOOT_ANY_SESSION,
                              .where = BOOT_IN_BOOTLOADER | BOOT_IN_LOADER,
                              .programming = index == 0};
    int rc = vehicle_read_object(r, json, persona_level_members, &desc);
    rc = rc != 0 ? rc : check_level(r, &desc);
    if (rc == 0 && boot_level_of(&persona->table, (uint8_t)desc.level) != NULL && index > 0) {
        rc = vehicle_fail(r, ERR_CONFLICT, "level 0x%02X is there already", desc.level);
    }
    memcpy(persona->level_hooks[index], desc.hook, sizeof desc.hook);
    persona->levels[index] = (struct boot_level){
        .seed_sub = (uint8_t)desc.level,
        .sessions = desc.sessions,
        .where = desc.where,
        .programming = desc.programming,
        .seed_len = (uint8_t)desc.seed,
        .key_len = (uint8_t)desc.key,
        .algorithm = algorithm_functions[desc.algorithm],
        .secret_len = (uint8_t)desc.secret.len,
        .attempts = (uint8_t)desc.attempts,
        .delay_ns = PROTO_MS(desc.delay_ms),
        .hook = persona->level_hooks[index],
    };
    memcpy(persona->levels[index].secret, desc.secret.bytes, BOOT_SEED_MAX);
    persona->table.levels = persona->levels;
    persona->table.levels_len = (uint8_t)(index + 1);
    return rc;
}
