/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_store.c - counts a master's calls, and says which of them fails. */
#include "scenarios/explore/explore_store.h"

#include <string.h>

enum { SECTOR_BYTES = 512 };

static const struct {
    char letter;
    const char *text;
} calls[EXPLORE_CALL_KINDS] = {
#define EXPLORE_ROW(id, letter, text) [id] = {letter, text},
    EXPLORE_CALLS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

static const struct {
    const char *name, *meaning;
} mishaps[EXPLORE_MISHAP_COUNT] = {
#define EXPLORE_ROW(id, name, meaning) [id] = {name, meaning},
    EXPLORE_MISHAPS(EXPLORE_ROW)
#undef EXPLORE_ROW
};

char explore_call_letter(enum explore_call call)
{
    CHECK(call < EXPLORE_CALL_KINDS);
    return calls[call].letter;
}

const char *explore_call_text(enum explore_call call)
{
    CHECK(call < EXPLORE_CALL_KINDS);
    return calls[call].text;
}

const char *explore_mishap_name(enum explore_mishap mishap)
{
    CHECK(mishap < EXPLORE_MISHAP_COUNT);
    return mishaps[mishap].name;
}

const char *explore_mishap_meaning(enum explore_mishap mishap)
{
    CHECK(mishap < EXPLORE_MISHAP_COUNT);
    return mishaps[mishap].meaning;
}

unsigned explore_mishap_eighths(enum explore_mishap mishap)
{
    return mishap >= EXPLORE_MISHAP_TORN && mishap < EXPLORE_MISHAP_TORN + EXPLORE_TEARS
               ? (unsigned)(mishap - EXPLORE_MISHAP_TORN) + 1
               : 0;
}

static uint64_t erases(const struct explore_store *store)
{
    return s12x_flash_command_count(s12x_ecu_flash(store->world->target), S12X_CMD_ERASE_P_SECTOR);
}

size_t explore_store_tear_at(struct explore_store *store, const struct explore_write *write,
                             unsigned eighths)
{
    uint8_t seen[SECTOR_BYTES];
    size_t changed[2] = {0, 0};
    size_t wanted = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t at = 0; at < write->len; at++) {
            if (at % SECTOR_BYTES == 0) {
                const long got = store->ops->read(store->ops_ctx, write->name, write->offset + at,
                                                  seen, sizeof seen);
                const size_t have = got > 0 ? (size_t)got : 0;
                for (size_t i = have; i < sizeof seen && at + i < write->len; i++) {
                    seen[i] = (uint8_t)~write->from[at + i];
                }
            }
            changed[pass] += seen[at % SECTOR_BYTES] != write->from[at];
            if (pass == 1 && changed[1] == wanted && wanted > 0) {
                return at + 1;
            }
        }
        wanted = changed[0] * eighths / (EXPLORE_TEARS + 1);
        if (wanted == 0) {
            return 0;
        }
    }
    return 0;
}

uint8_t explore_store_tears(struct explore_store *store, const struct explore_write *write)
{
    unsigned set = 0;
    size_t last = 0;
    for (unsigned i = 0; i < EXPLORE_TEARS; i++) {
        const size_t at = explore_store_tear_at(store, write, i + 1);
        set |= at != last ? 1u << i : 0u;
        last = at;
    }
    return (uint8_t)set;
}

static void count_anew(struct explore_store *store)
{
    memset(store->numbers, 0, sizeof store->numbers);
    store->called_len = 0;
    store->called_full = false;
}

struct explore_called *explore_store_count(struct explore_store *store, enum explore_call call)
{
    const uint32_t number = ++store->numbers[call];
    if (store->called == NULL) {
        return NULL;
    }
    if (store->called_len == store->called_cap) {
        store->called_full = true;
        return NULL;
    }
    struct explore_called *called = &store->called[store->called_len++];
    *called = (struct explore_called){
        .call = (uint8_t)call,
        .number = number,
        .at_ns = store->world->sim.now_ns,
        .events_run = store->world->sim.events_run,
        .before_version = store->ops->version(store->ops_ctx),
    };
    return called;
}

void explore_store_counted(const struct explore_store *store, struct explore_called *called)
{
    if (called != NULL) {
        called->after_version = store->ops->version(store->ops_ctx);
        called->used_bytes = store->ops->used_bytes(store->ops_ctx);
    }
}

enum explore_mishap explore_store_mishap(struct explore_store *store, enum explore_call call)
{
    const struct explore_mishap_at first = store->due[0];
    if (store->due_len == 0 || first.call != call || first.number != store->numbers[call]) {
        return EXPLORE_MISHAP_COUNT;
    }
    store->due_len--;
    memmove(store->due, &store->due[1], store->due_len * sizeof store->due[0]);
    count_anew(store);
    store->erred = store->erred || !explore_mishap_is_loss((enum explore_mishap)first.mishap);
    struct sim *sim = &store->world->sim;
    trace_text(sim->cfg.trace, sim->now_ns, TRACE_FAULT, store->world->master.source, first.number,
               "state folder: %c%u.%s", calls[call].letter, first.number,
               mishaps[first.mishap].name);
    return (enum explore_mishap)first.mishap;
}

/* What has been confirmed by then has been recorded before. */
void explore_store_gone(struct explore_store *store)
{
    store->lost = true;
    if (!store->erred && store->erases_at_loss == UINT64_MAX &&
        store->ops->has_progress(store->ops_ctx)) {
        store->erases_at_loss = store->ops->erases(store->ops_ctx);
    }
}

void explore_store_missed_room(struct explore_store *store)
{
    store->no_room = store->no_room || (!store->erred && erases(store) > store->erases_at_start);
}

void explore_store_init(struct explore_store *store, struct explore_world *world,
                        const struct explore_store_ops *ops, void *ops_ctx, sim_ns_t off_ns)
{
    *store = (struct explore_store){.world = world,
                                    .ops = ops,
                                    .ops_ctx = ops_ctx,
                                    .off_ns = off_ns,
                                    .erases_at_loss = UINT64_MAX};
    store->erases_at_start = erases(store);
}

void explore_store_expect(struct explore_store *store, const struct explore_mishap_at *mishap)
{
    CHECK(store->due_len < EXPLORE_MISHAPS_MAX);
    store->due[store->due_len++] = *mishap;
}

void explore_store_limit(struct explore_store *store, uint64_t capacity_bytes)
{
    CHECK(capacity_bytes > 0);
    store->ops->limit(store->ops_ctx, capacity_bytes);
}

void explore_store_note(struct explore_store *store, struct explore_called *called, size_t cap)
{
    store->called = called;
    store->called_cap = cap;
}

void explore_store_lose(struct explore_store *store)
{
    if (!store->off) {
        explore_store_gone(store);
        store->ops->lose(store->ops_ctx);
    }
    count_anew(store);
}

void explore_store_disturbed(struct explore_store *store)
{
    store->erred = true;
    count_anew(store);
}

bool explore_store_did_again(const struct explore_store *store)
{
    return !store->erred && store->erases_at_loss != UINT64_MAX &&
           store->ops->erases(store->ops_ctx) > store->erases_at_loss;
}

bool explore_store_began_without_room(const struct explore_store *store)
{
    return store->no_room;
}

static bool ended(const struct explore_store *store)
{
    return !store->lost && !store->off &&
           explore_world_claim(store->world) != EXPLORE_CLAIMS_NOTHING;
}

/* The master is without power, and then it starts again. */
static void stay_off(struct explore_store *store, sim_ns_t until_ns)
{
    struct explore_world *world = store->world;
    sim_run_until(&world->sim, until_ns < store->off_until_ns ? until_ns : store->off_until_ns);
    if (world->sim.now_ns >= store->off_until_ns) {
        explore_world_look(world);
        store->off = false;
        CHECK(explore_world_start_again(world, NULL, NULL) == 0);
    }
}

void explore_store_run_until(struct explore_store *store, sim_ns_t until_ns)
{
    struct explore_world *world = store->world;
    for (;;) {
        if (store->lost) {
            store->ops->leave(store->ops_ctx);
            store->lost = false;
            store->off = true;
            store->off_until_ns = world->sim.now_ns + store->off_ns;
        }
        if (world->sim.now_ns >= until_ns || ended(store)) {
            return;
        }
        if (store->off) {
            stay_off(store, until_ns);
        } else {
            explore_world_run_to(world, until_ns);
        }
    }
}

void explore_store_heal(struct explore_store *store)
{
    store->ops->heal(store->ops_ctx);
    store->due_len = 0;
    store->called = NULL;
}
