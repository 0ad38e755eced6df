/* SPDX-License-Identifier: Apache-2.0 */
/* inject/inject_rule.c - whether a frame fits a rule, and what the rule does to it. */
#include "inject/inject_rule.h"

#include "sim/can/can_wire.h"

#include <string.h>

#define SWAP_LIMIT_NS SIM_S(1)

static bool fits_where(const struct inject_where *where, const struct inject_view *view)
{
    const struct can_frame *frame = view->frame;
    const bool ext = (frame->flags & CAN_FLAG_EXT) != 0;
    if (where->sender != NULL && where->sender != view->sender) {
        return false;
    }
    if (where->id_mask != 0 && (ext != where->ext || ((frame->id ^ where->id) & where->id_mask))) {
        return false;
    }
    if (where->connection != 0 &&
        (view->watch == NULL || where->connection != INJECT_CONNECTION(view->connection))) {
        return false;
    }
    if (where->way != INJECT_ANY_WAY) {
        return view->watch != NULL &&
               (view->watch->channel == ISOTP_WATCH_RESPONSE) == (where->way == INJECT_TO_TESTER);
    }
    return true;
}

static bool fits_part(const struct inject_what *what, const struct isotp_watch_view *watch)
{
    static const unsigned parts[] = {
        [ISOTP_PCI_SINGLE] = INJECT_SINGLE,
        [ISOTP_PCI_FIRST] = INJECT_FIRST,
        [ISOTP_PCI_CONSECUTIVE] = INJECT_CONSECUTIVE,
        [ISOTP_PCI_FLOW_CONTROL] = INJECT_FLOW_CONTROL,
    };
    const unsigned wanted = what->whole && what->parts == 0 ? INJECT_BEGIN : what->parts;
    const bool consecutive = watch->pci.type == ISOTP_PCI_CONSECUTIVE;
    if (what->index != 0 && (!consecutive || watch->index != what->index)) {
        return false;
    }
    return wanted == 0 || (wanted & parts[watch->pci.type]) != 0 ||
           ((wanted & INJECT_LAST) != 0 && watch->last);
}

static bool fits_uds(const struct inject_what *what, const struct uds_view *uds)
{
    return (what->kind == UDS_KIND_UNKNOWN || what->kind == uds->kind) &&
           (what->service == 0 || what->service == uds->service) &&
           (what->sub == 0 || what->sub == uds->sub) && (what->nrc == 0 || what->nrc == uds->nrc);
}

static bool fits_byte(const struct inject_byte *byte, const struct inject_view *view)
{
    if (byte->in_frame) {
        return byte->offset < view->frame->len_bytes &&
               ((view->frame->data[byte->offset] ^ byte->value) & byte->mask) == 0;
    }
    const struct isotp_watch_view *watch = view->watch;
    CHECK(watch != NULL && watch->message != NULL); /* speaks_of_message() */
    const struct isotp_watch_message *message = watch->message;
    const bool sent = watch->pci.type == ISOTP_PCI_FLOW_CONTROL
                          ? byte->offset < message->first_len + message->index * message->next_len
                          : byte->offset < watch->offset + watch->data_len;
    return sent && byte->offset < message->len && byte->offset < sizeof message->data &&
           ((message->data[byte->offset] ^ byte->value) & byte->mask) == 0;
}

static bool speaks_of_message(const struct inject_what *what)
{
    bool bytes = false;
    for (size_t i = 0; i < INJECT_BYTES_MAX && what->bytes[i].mask != 0; i++) {
        bytes |= !what->bytes[i].in_frame;
    }
    return bytes || what->whole || what->index != 0 || what->service != 0 || what->sub != 0 ||
           what->nrc != 0 || what->kind != UDS_KIND_UNKNOWN;
}

bool inject_rule_fits(const struct inject_rule *rule, const struct inject_view *view)
{
    const struct inject_what *what = &rule->cfg.what;
    if (!fits_where(&rule->cfg.where, view)) {
        return false;
    }
    if (what->parts != 0 && view->watch == NULL) {
        return false;
    }
    if (speaks_of_message(what) && (view->watch == NULL || view->watch->message == NULL)) {
        return false;
    }
    if (view->watch != NULL && !fits_part(what, view->watch)) {
        return false;
    }
    if (view->watch != NULL && view->watch->message != NULL &&
        !fits_uds(what, &view->watch->message->uds)) {
        return false;
    }
    for (size_t i = 0; i < INJECT_BYTES_MAX && what->bytes[i].mask != 0; i++) {
        if (!fits_byte(&what->bytes[i], view)) {
            return false;
        }
    }
    return true;
}

/* Where in the frame the byte lies that is to be changed; SIZE_MAX: elsewhere. */
static size_t place_of(const struct inject_change *change, const struct inject_view *view)
{
    const struct isotp_watch_view *watch = view->watch;
    if (change->in_frame) {
        return change->offset < view->frame->len_bytes ? change->offset : SIZE_MAX;
    }
    if (watch == NULL || watch->message == NULL || change->offset < watch->offset ||
        change->offset >= watch->offset + watch->data_len) {
        return SIZE_MAX;
    }
    return watch->data_at + (change->offset - watch->offset);
}

static bool change_bytes(const struct inject_effect *effect, const struct inject_view *view,
                         struct can_frame *frame)
{
    bool changed = false;
    for (size_t i = 0; i < INJECT_BYTES_MAX && effect->changes[i].mask != 0; i++) {
        const struct inject_change *change = &effect->changes[i];
        const size_t place = place_of(change, view);
        if (place == SIZE_MAX) {
            continue;
        }
        const uint8_t old = frame->data[place];
        const uint8_t other = change->invert ? (uint8_t)~old : change->value;
        frame->data[place] = (uint8_t)((old & ~change->mask) | (other & change->mask));
        changed |= frame->data[place] != old;
    }
    if (effect->len != 0 && (uint8_t)effect->len != frame->len_bytes) {
        const uint8_t len = (uint8_t)effect->len;
        if (len > frame->len_bytes) {
            memset(frame->data + frame->len_bytes, 0, (size_t)(len - frame->len_bytes));
        }
        frame->len_bytes = len;
        changed = true;
    }
    return changed;
}

static uint16_t draw_bit(struct inject_rule *rule, const struct can_frame *frame)
{
    const struct can_wire wire = can_wire_measure(frame);
    return (uint16_t)prng_below(&rule->prng, (uint64_t)wire.nominal_bits + wire.data_bits);
}

static void add_delay(struct inject_rule *rule, struct can_tap_verdict *verdict)
{
    const struct inject_effect *effect = &rule->cfg.effect;
    verdict->delay_ns += effect->delay_ns;
    if (effect->delay_jitter_ns != 0) {
        verdict->delay_ns += prng_below(&rule->prng, effect->delay_jitter_ns + 1);
    }
    if (effect->swap) {
        verdict->after_next = true;
        verdict->delay_ns += effect->delay_ns == 0 ? SWAP_LIMIT_NS : 0;
    }
}

static void add_damage(struct can_tap_verdict *verdict, uint16_t bit)
{
    if (!verdict->damage || bit < verdict->damage_bit) {
        verdict->damage_bit = bit;
    }
    verdict->damage = true;
}

static bool only_changes(const struct inject_effect *effect)
{
    return !effect->lose && effect->delay_ns == 0 && effect->delay_jitter_ns == 0 &&
           !effect->swap && effect->duplicates == 0 && !effect->damage && effect->on_fire == NULL;
}

bool inject_rule_apply(struct inject_rule *rule, const struct inject_view *view,
                       struct can_frame *frame, struct can_tap_verdict *verdict)
{
    const struct inject_effect *effect = &rule->cfg.effect;
    const bool changed = change_bytes(effect, view, frame);
    if (!changed && only_changes(effect)) {
        return false;
    }
    const unsigned duplicates = (unsigned)verdict->duplicates + effect->duplicates;
    verdict->replace |= changed;
    verdict->drop |= effect->lose;
    verdict->duplicates = duplicates < UINT8_MAX ? (uint8_t)duplicates : UINT8_MAX;
    add_delay(rule, verdict);
    if (effect->damage) {
        add_damage(verdict,
                   effect->damage_anywhere ? draw_bit(rule, view->frame) : effect->damage_bit);
    }
    return true;
}
