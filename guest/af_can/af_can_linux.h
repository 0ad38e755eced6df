/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_linux.h - the kernel's CAN headers beside ours.
 *
 * Linux has a struct can_frame too; it is renamed here, and struct af_can_wire_frame serves in its
 * place. Its macros CAN_MTU and CANFD_MTU would find the wrong struct: use AF_CAN_MTU and
 * AF_CANFD_MTU. */
#ifndef GUEST_AF_CAN_LINUX_H
#define GUEST_AF_CAN_LINUX_H

#include <sys/socket.h>

#define can_frame linux_can_frame
#include <linux/can.h>
#include <linux/can/raw.h>
#undef can_frame
#include <linux/can/error.h>

/* What bind() and sendto() of CAN_RAW need of struct sockaddr_can, and what recvmsg() gives
 * (RAW_MIN_NAMELEN, net/can/raw.c). */
enum { AF_CAN_RAW_ADDRESS_BYTES = 8 };

#endif
