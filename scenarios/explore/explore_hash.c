/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_hash.c - hashes of worlds, and tables in shared memory. */
#include "scenarios/explore/explore_hash.h"

#include "sim/ecus/bootloader/boot_header.h"

#include <string.h>
#include <sys/mman.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

/* Both images of a world occupy the same sectors. The boot block no update may touch. */
static uint64_t cells_hash(const struct explore_world *world, const struct s12x_flash *flash)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < world->new_image.segments_len; i++) {
        const struct ota_segment *segment = &world->new_image.segments[i];
        hash = mix(hash, s12x_flash_range_hash(flash, segment->start,
                                               segment->start + segment->len_bytes));
    }
    for (size_t i = 0; i < S12X_BOOT_AREAS; i++) {
        const struct boot_region *area = &s12x_ecu_boot_areas[i];
        hash = mix(hash, s12x_flash_range_hash(flash, area->start, area->end));
    }
    return hash;
}

uint64_t explore_flash_hash(const struct explore_world *world)
{
    const struct s12x_flash *flash = s12x_ecu_flash(world->target);
    return mix(cells_hash(world, flash), s12x_flash_log_hash(flash));
}

uint32_t explore_head_end(const struct explore_world *world)
{
    return s12x_ecu_cfg(world->target)->boot.header_address + BOOT_HEADER_LEN;
}

static uint64_t head_hash(const struct explore_world *world, const struct s12x_flash *flash)
{
    const uint32_t end = explore_head_end(world);
    return mix(s12x_flash_range_hash(flash, end - BOOT_HEADER_LEN, end),
               s12x_flash_log_hash(flash));
}

uint64_t explore_head_hash(const struct explore_world *world)
{
    return head_hash(world, s12x_ecu_flash(world->target));
}

static uint64_t not_zero(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

uint64_t explore_state_hash(const struct explore_world *world)
{
    const uint64_t ecu = s12x_ecu_state_hash(world->target);
    if (ecu == 0) {
        return 0;
    }
    const uint64_t cells = cells_hash(world, s12x_ecu_flash(world->target));
    return not_zero(mix(mix(cells, ecu), ota_master_state_hash(world->master.master)));
}

/* What waits in the master's controller, and whether what is on the wire gets through without the
 * target. A frame counts by identifier and kind: the rest follows from what the master has asked.
 */
static uint64_t controller_hash(const struct explore_world *world, sim_ns_t at_ns)
{
    const struct can_node *node = &world->master.node;
    const bool through = node->transmitting && can_bus_acknowledged(world->master.bus, at_ns);
    uint64_t hash = (uint64_t)node->queue_used << 8 | (uint64_t)node->state << 4 |
                    (uint64_t)through << 1 | (uint64_t)can_node_retransmits(node);
    for (size_t i = 0; i < node->queue_used; i++) {
        const struct can_frame *frame = &node->queue[(node->queue_head + i) % CAN_QUEUE_MAX];
        hash = mix(hash, (uint64_t)frame->id << 8 | frame->data[0] >> 4);
    }
    return hash;
}

struct look {
    struct explore_world *world;
    struct explore_foreseen *foreseen;
};

static void look_at_flash(void *ctx, const struct s12x_flash *flash)
{
    const struct look *look = ctx;
    look->foreseen->log = s12x_flash_log_hash(flash);
    look->foreseen->flash = mix(cells_hash(look->world, flash), look->foreseen->log);
    look->foreseen->head = head_hash(look->world, flash);
    look->foreseen->breaches = explore_breaches_of(look->world);
}

bool explore_foresee_flash(struct explore_world *world, sim_ns_t at_ns,
                           struct explore_foreseen *foreseen)
{
    struct look look = {.world = world, .foreseen = foreseen};
    *foreseen = (struct explore_foreseen){.state = 0};
    return s12x_flash_foresee_cut(s12x_ecu_flash(world->target), explore_world_draws(world), at_ns,
                                  look_at_flash, &look);
}

bool explore_foresee(struct explore_world *world, sim_ns_t at_ns, struct explore_foreseen *foreseen)
{
    if (world->master.master == NULL || !explore_foresee_flash(world, at_ns, foreseen)) {
        return false;
    }
    foreseen->state =
        not_zero(mix(mix(foreseen->flash, ota_master_moment_hash(world->master.master, at_ns)),
                     controller_hash(world, at_ns)));
    return true;
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

struct explore_futures {
    size_t states; /* table.len. */
    size_t len;
    struct explore_future list[EXPLORE_VALUES];
};

static size_t table_bytes(const struct explore_table *table)
{
    return sizeof *table->futures + table->cap * sizeof *table->keys;
}

int explore_table_init(struct explore_table *table, size_t cap, struct err *err)
{
    CHECK(cap > 0 && (cap & (cap - 1)) == 0);
    *table = (struct explore_table){.cap = cap};
    struct explore_futures *memory = explore_share(table_bytes(table));
    if (memory == NULL) {
        return err_set(err, ERR_NOMEM, "out of memory for %zu states", cap);
    }
    table->futures = memory;
    table->len = &memory->states;
    table->keys = (uint64_t *)(memory + 1);
    return 0;
}

void explore_table_release(struct explore_table *table)
{
    explore_unshare(table->futures, table->futures != NULL ? table_bytes(table) : 0);
    *table = (struct explore_table){.cap = 0};
}

void explore_table_clear(struct explore_table *table)
{
    if (*table->len > 0) {
        memset(table->keys, 0, table->cap * sizeof *table->keys);
        *table->len = 0;
        table->futures->len = 0;
    }
}

void explore_table_copy(struct explore_table *to, const struct explore_table *from)
{
    CHECK(to->cap == from->cap);
    memcpy(to->keys, from->keys, to->cap * sizeof *to->keys);
    *to->futures = *from->futures;
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

uint8_t explore_table_code(struct explore_table *table, const struct explore_future *future)
{
    struct explore_futures *futures = table->futures;
    size_t at = 0;
    while (at < futures->len && (futures->list[at].of_end != future->of_end ||
                                 futures->list[at].breaches != future->breaches ||
                                 futures->list[at].invariants != future->invariants)) {
        at++;
    }
    if (at == futures->len && at < EXPLORE_VALUES) {
        futures->list[futures->len++] = *future;
    }
    return (uint8_t)at;
}

struct explore_future explore_table_future(const struct explore_table *table, uint8_t value)
{
    CHECK(value < table->futures->len);
    return table->futures->list[value];
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
