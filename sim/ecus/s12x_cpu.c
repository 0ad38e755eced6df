/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_cpu.c - CPU time and receive buffers. */
#include "sim/ecus/s12x_cpu.h"

static sim_ns_t later_ns(sim_ns_t a, sim_ns_t b)
{
    return a > b ? a : b;
}

void s12x_cpu_reset(struct s12x_cpu *cpu, sim_ns_t now_ns)
{
    cpu->free_ns = now_ns;
    cpu->rx_head = 0;
    cpu->rx_used = 0;
}

bool s12x_cpu_receive(struct s12x_cpu *cpu, const struct can_frame *frame, sim_ns_t now_ns)
{
    if (cpu->rx_used == S12X_RX_BUFFERS) {
        cpu->frames_lost++;
        return false;
    }
    if (cpu->rx_used == 0) {
        cpu->head_due_ns = later_ns(cpu->free_ns, now_ns) + cpu->frame_ns;
    }
    struct can_frame *slot = &cpu->rx[(cpu->rx_head + cpu->rx_used) % S12X_RX_BUFFERS];
    slot->id = frame->id;
    slot->flags = frame->flags;
    slot->len_bytes = frame->len_bytes;
    for (size_t i = 0; i < frame->len_bytes; i++) {
        slot->data[i] = frame->data[i];
    }
    cpu->rx_used++;
    return true;
}

bool s12x_cpu_take(struct s12x_cpu *cpu, struct can_frame *frame, sim_ns_t now_ns)
{
    if (cpu->rx_used == 0 || cpu->head_due_ns > now_ns || cpu->free_ns > now_ns) {
        return false;
    }
    *frame = cpu->rx[cpu->rx_head];
    cpu->rx_head = (uint8_t)((cpu->rx_head + 1u) % S12X_RX_BUFFERS);
    cpu->rx_used--;
    cpu->head_due_ns = now_ns + cpu->frame_ns;
    return true;
}

void s12x_cpu_charge(struct s12x_cpu *cpu, sim_ns_t work_ns, sim_ns_t now_ns)
{
    cpu->free_ns = later_ns(cpu->free_ns, now_ns) + work_ns;
}

sim_ns_t s12x_cpu_next_ns(const struct s12x_cpu *cpu)
{
    return cpu->rx_used > 0 ? later_ns(cpu->head_due_ns, cpu->free_ns) : SIM_NEVER;
}
