/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/proto.h - what protocol code stands on. Freestanding: it runs in the simulator, in an
 * OTA master and in the bootloader of a 16-bit microcontroller, from the same files.
 *
 * Rules of this folder: no I/O, no allocation, no clock (time is an argument, nanoseconds since an
 * origin of the caller's choice), no libc beyond mem*, correct with a 16-bit int. */
#ifndef SIM_PROTO_H
#define SIM_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t proto_ns_t;

#define PROTO_NEVER UINT64_MAX
#define PROTO_US(n) ((proto_ns_t)(n)*UINT64_C(1000))
#define PROTO_MS(n) ((proto_ns_t)(n)*UINT64_C(1000000))

/* A programming error. The platform supplies the function: the host prints and aborts
 * (proto_check_host.c), a microcontroller resets. */
#define PROTO_CHECK(cond) ((cond) ? (void)0 : proto_check_failed(__LINE__))
_Noreturn void proto_check_failed(int line);

static inline proto_ns_t proto_min_ns(proto_ns_t a, proto_ns_t b)
{
    return a < b ? a : b;
}

static inline uint16_t proto_get_u16(const uint8_t *p)
{
    return (uint16_t)((uint16_t)((uint16_t)p[0] << 8) | p[1]);
}

static inline uint32_t proto_get_u32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

static inline void proto_put_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void proto_put_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

#endif
