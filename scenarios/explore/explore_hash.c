/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_hash.c - hashes of worlds, and tables in shared memory. */
#include "scenarios/explore/explore_hash.h"

#include <string.h>
#include <sys/mman.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

/* Both images of a world occupy the same sectors. */
static uint64_t image_hash(const struct explore_world *world)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < world->new_image.segments_len; i++) {
        const struct ota_segment *segment = &world->new_image.segments[i];
        hash = mix(hash, s12x_flash_range_hash(s12x_ecu_flash(world->target), segment->start,
                                               segment->start + segment->len_bytes));
    }
    return hash;
}

uint64_t explore_flash_hash(const struct explore_world *world)
{
    return mix(image_hash(world), s12x_flash_eee_hash(s12x_ecu_flash(world->target)));
}

uint64_t explore_state_hash(const struct explore_world *world)
{
    const uint64_t ecu = s12x_ecu_state_hash(world->target);
    if (ecu == 0) {
        return 0;
    }
    const uint64_t hash =
        mix(mix(image_hash(world), ecu), ota_master_state_hash(world->master.master));
    return hash != 0 ? hash : 1;
}

void *explore_share(size_t len_bytes)
{
    void *memory = mmap(NULL, len_bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

void explore_unshare(void *memory, size_t len_bytes)
{
    if (memory != NULL) {
        (void)munmap(memory, len_bytes);
    }
}

static size_t table_bytes(const struct explore_table *table)
{
    return sizeof *table->len + table->cap * sizeof *table->keys;
}

int explore_table_init(struct explore_table *table, size_t cap, struct err *err)
{
    CHECK(cap > 0 && (cap & (cap - 1)) == 0);
    *table = (struct explore_table){.cap = cap};
    size_t *memory = explore_share(table_bytes(table));
    if (memory == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for %zu states", cap);
    }
    table->len = memory;
    table->keys = (uint64_t *)(memory + 1);
    return 0;
}

void explore_table_release(struct explore_table *table)
{
    explore_unshare(table->len, table->len != NULL ? table_bytes(table) : 0);
    *table = (struct explore_table){.cap = 0};
}

void explore_table_clear(struct explore_table *table)
{
    if (*table->len > 0) {
        memset(table->keys, 0, table->cap * sizeof *table->keys);
        *table->len = 0;
    }
}

static uint64_t without_value(uint64_t key)
{
    return key / EXPLORE_VALUES;
}

static size_t place_of(const struct explore_table *table, uint64_t key)
{
    size_t at =
        (size_t)(without_value(key) * UINT64_C(0xD6E8FEB86659FD93) >> 20) & (table->cap - 1);
    while (table->keys[at] != 0 && without_value(table->keys[at]) != without_value(key)) {
        at = (at + 1) & (table->cap - 1);
    }
    return at;
}

bool explore_table_find(const struct explore_table *table, uint64_t key, uint8_t *value)
{
    const uint64_t there = table->keys[place_of(table, key)];
    *value = (uint8_t)(there % EXPLORE_VALUES);
    return there != 0;
}

void explore_table_put(struct explore_table *table, uint64_t key, uint8_t value)
{
    CHECK(value < EXPLORE_VALUES);
    uint64_t *there = &table->keys[place_of(table, key)];
    const uint64_t entry = without_value(key) * EXPLORE_VALUES + value;
    if (entry != 0 && *there == 0 && *table->len < table->cap / 4 * 3) {
        *there = entry;
        ++*table->len;
    }
}

void explore_table_count(struct explore_table *table, uint64_t key)
{
    key = key != 0 ? key : 1;
    size_t at = (size_t)(key * UINT64_C(0xD6E8FEB86659FD93) >> 20) & (table->cap - 1);
    while (__atomic_load_n(table->len, __ATOMIC_RELAXED) < table->cap / 4 * 3) {
        uint64_t there = 0;
        if (__atomic_compare_exchange_n(&table->keys[at], &there, key, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            (void)__atomic_add_fetch(table->len, 1, __ATOMIC_RELAXED);
            return;
        }
        if (there == key) {
            return;
        }
        at = (at + 1) & (table->cap - 1);
    }
}
