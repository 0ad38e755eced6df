/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/s12x_cpu.h - the CPU as far as the bus sees it: time charged by use of the hardware, and
 * the five receive buffers that frames wait in meanwhile.
 *
 * Interrupts are off while a flash command runs on the block that holds the code, so frames wait in
 * the buffers then, too; who owns the CPU asks the flash. Pure. */
#ifndef SIM_S12X_CPU_H
#define SIM_S12X_CPU_H

#include "sim/base.h"
#include "sim/can/can_frame.h"
#include "sim/ecus/s12x_ecu.h"

struct s12x_cpu {
    sim_ns_t frame_ns;    /* To handle one frame. */
    sim_ns_t byte_ns;     /* To read one byte from flash. */
    sim_ns_t free_ns;     /* Busy until then. */
    sim_ns_t head_due_ns; /* When the oldest waiting frame has been handled. */
    struct can_frame rx[S12X_RX_BUFFERS];
    uint8_t rx_head, rx_used;
    uint64_t frames_lost;
};

/* Empty buffers, free from now on. Keeps times and the count of lost frames. */
void s12x_cpu_reset(struct s12x_cpu *cpu, sim_ns_t now_ns);
/* False: all buffers are full, the frame is lost and counted. */
bool s12x_cpu_receive(struct s12x_cpu *cpu, const struct can_frame *frame, sim_ns_t now_ns);
/* True: *frame has been handled by now_ns, and its buffer is free again. */
bool s12x_cpu_take(struct s12x_cpu *cpu, struct can_frame *frame, sim_ns_t now_ns);
/* Work that keeps the CPU busy from now on, or from when it becomes free. */
void s12x_cpu_charge(struct s12x_cpu *cpu, sim_ns_t work_ns, sim_ns_t now_ns);
/* When the next frame wants to be taken; SIM_NEVER if none waits. */
sim_ns_t s12x_cpu_next_ns(const struct s12x_cpu *cpu);

#endif
