/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can.c - the stack: its life, its interfaces and their names. */
#include "guest/af_can/af_can.h"

#include "guest/af_can/af_can_private.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

struct af_can *af_can_new(const struct af_can_cfg *cfg)
{
    CHECK(cfg->sim != NULL);
    struct af_can *stack = calloc(1, sizeof(*stack));
    if (stack != NULL) {
        stack->cfg = *cfg;
    }
    return stack;
}

static void free_lists(struct af_can *stack)
{
    while (stack->free_tx != NULL) {
        struct af_can_tx *tx = stack->free_tx;
        stack->free_tx = tx->next;
        free(tx);
    }
    while (stack->free_entries != NULL) {
        struct af_can_entry *entry = stack->free_entries;
        stack->free_entries = entry->next;
        free(entry);
    }
}

void af_can_free(struct af_can *stack)
{
    if (stack == NULL) {
        return;
    }
    CHECK(!stack->handing_out);
    while (stack->first != NULL) {
        af_can_socket_close(&stack->first->socket);
    }
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        af_can_interface_release(&stack->interfaces[i]);
    }
    af_can_receivers_free(&stack->receivers);
    free_lists(stack);
    free(stack);
}

struct sim *af_can_sim(const struct af_can *stack)
{
    return stack->cfg.sim;
}

uint64_t af_can_wall_ns(const struct af_can *stack, sim_ns_t at_ns)
{
    return stack->cfg.epoch_ns + at_ns;
}

struct af_can_interface *af_can_interface_at(const struct af_can *stack, int index)
{
    if (index < AF_CAN_FIRST_INDEX ||
        (size_t)(index - AF_CAN_FIRST_INDEX) >= stack->interfaces_len) {
        return NULL;
    }
    const struct af_can_interface *interface = &stack->interfaces[index - AF_CAN_FIRST_INDEX];
    return interface->stack->interfaces + (index - AF_CAN_FIRST_INDEX);
}

int af_can_add_interface(struct af_can *stack, const struct af_can_interface_cfg *cfg)
{
    CHECK(cfg->name != NULL && cfg->bus != NULL && stack->interfaces_len < AF_CAN_INTERFACES_MAX);
    CHECK(strlen(cfg->name) < AF_CAN_NAME_SIZE && af_can_index(stack, cfg->name) == 0);
    struct af_can_interface *interface = &stack->interfaces[stack->interfaces_len];
    *interface = (struct af_can_interface){
        .stack = stack,
        .index = AF_CAN_FIRST_INDEX + (int)stack->interfaces_len,
        .cfg = *cfg,
        .names = {cfg->name},
        .names_len = 1,
        .up = true,
        .carrier = true,
        .flags = IFF_NOARP,
    };
    if (interface->cfg.tx_queue_len == 0) {
        interface->cfg.tx_queue_len =
            cfg->bus->cfg.instant ? AF_CAN_INSTANT_TX_QUEUE_LEN : AF_CAN_TX_QUEUE_LEN;
    }
    stack->interfaces_len++;
    af_can_interface_init(interface);
    return interface->index;
}

const struct can_node *af_can_node(const struct af_can *stack, const struct can_bus *bus)
{
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        if (stack->interfaces[i].cfg.bus == bus) {
            return &stack->interfaces[i].node;
        }
    }
    return NULL;
}

bool af_can_add_alias(struct af_can *stack, int index, const char *name)
{
    struct af_can_interface *interface = af_can_interface_at(stack, index);
    CHECK(interface != NULL);
    if (strlen(name) >= AF_CAN_NAME_SIZE || af_can_index(stack, name) != 0 ||
        interface->names_len == AF_CAN_NAMES_MAX) {
        return false;
    }
    interface->names[interface->names_len++] = name;
    return true;
}

static bool has_name(const struct af_can_interface *interface, const char *name)
{
    for (size_t i = 0; i < interface->names_len; i++) {
        if (strcmp(interface->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

int af_can_index(const struct af_can *stack, const char *name)
{
    for (size_t i = 0; i < stack->interfaces_len; i++) {
        if (has_name(&stack->interfaces[i], name)) {
            return stack->interfaces[i].index;
        }
    }
    return 0;
}

const char *af_can_name(const struct af_can *stack, int index)
{
    const struct af_can_interface *interface = af_can_interface_at(stack, index);
    return interface != NULL ? interface->names[0] : NULL;
}

int af_can_interface_check(const struct af_can *stack, int ifindex)
{
    if (ifindex == 0) {
        return 0;
    }
    const struct af_can_interface *interface = af_can_interface_at(stack, ifindex);
    if (interface == NULL) {
        return -ENODEV;
    }
    return interface->up ? 0 : -ENETDOWN;
}

size_t af_can_interface_mtu(const struct af_can *stack, int ifindex)
{
    const struct af_can_interface *interface = af_can_interface_at(stack, ifindex);
    if (interface == NULL) {
        return 0;
    }
    return interface->cfg.bus->cfg.data_bps != 0 ? AF_CANFD_MTU : AF_CAN_MTU;
}
