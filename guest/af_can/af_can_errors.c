/* SPDX-License-Identifier: Apache-2.0 */
/* guest/af_can/af_can_errors.c - error messages of the driver about its controller.
 *
 * As of a driver with "berr-reporting on" whose controller tells cause and place of every error
 * (sja1000_err(), drivers/net/can/sja1000/sja1000.c), which also names a missing acknowledgement
 * (flexcan_irq_bus_err()) and the counters (CAN_ERR_CNT). One message an event. */
#include "guest/af_can/af_can_linux.h"
#include "guest/af_can/af_can_private.h"
#include "guest/af_can/af_can_wire.h"

enum { ERROR_COUNTER_MAX = 255 };

/* Where each byte of an error message stands (linux/can/error.h). */
enum {
    BYTE_LOST_ARBITRATION = 0,
    BYTE_CONTROLLER = 1,
    BYTE_PROTOCOL = 2,
    BYTE_LOCATION = 3,
    BYTE_TX_COUNTER = 6,
    BYTE_RX_COUNTER = 7,
};

static void deliver(struct af_can_interface *interface, const struct af_can_wire_frame *frame)
{
    struct af_can_skb skb = {
        .frame = *frame,
        .size_bytes = AF_CAN_MTU,
        .ifindex = interface->index,
        .at_ns = interface->stack->cfg.sim->now_ns,
    };
    skb.frame.can_id |= CAN_ERR_FLAG;
    skb.frame.len = CAN_ERR_DLC;
    af_can_deliver(interface, &skb);
}

static enum af_can_error_state state_of(const struct can_node *node)
{
    const unsigned highest = node->tec > node->rec ? node->tec : node->rec;
    if (node->state == CAN_BUS_OFF) {
        return AF_CAN_ERROR_BUS_OFF;
    }
    if (highest >= CAN_ERROR_PASSIVE_THRESHOLD) {
        return AF_CAN_ERROR_PASSIVE;
    }
    return highest >= CAN_ERROR_WARNING_THRESHOLD ? AF_CAN_ERROR_WARNING : AF_CAN_ERROR_ACTIVE;
}

/* can_change_state(), drivers/net/can/dev/dev.c: the higher counter is to blame, or both. */
static void add_state(struct af_can_interface *interface, struct af_can_wire_frame *frame)
{
    static const uint8_t sending[] = {CAN_ERR_CRTL_ACTIVE, CAN_ERR_CRTL_TX_WARNING,
                                      CAN_ERR_CRTL_TX_PASSIVE};
    static const uint8_t receiving[] = {CAN_ERR_CRTL_ACTIVE, CAN_ERR_CRTL_RX_WARNING,
                                        CAN_ERR_CRTL_RX_PASSIVE};
    const struct can_node *node = &interface->node;
    const enum af_can_error_state state = state_of(node);
    if (state == interface->error_state) {
        return;
    }
    interface->error_state = state;
    if (state == AF_CAN_ERROR_BUS_OFF) {
        frame->can_id |= CAN_ERR_BUSOFF;
        return;
    }
    frame->can_id |= CAN_ERR_CRTL;
    frame->data[BYTE_CONTROLLER] = (uint8_t)((node->tec >= node->rec ? sending[state] : 0) |
                                             (node->tec <= node->rec ? receiving[state] : 0));
}

static uint8_t counter(uint16_t value)
{
    return (uint8_t)(value < ERROR_COUNTER_MAX ? value : ERROR_COUNTER_MAX);
}

static void add_counters(const struct can_node *node, struct af_can_wire_frame *frame)
{
    if (node->state != CAN_BUS_OFF) {
        frame->can_id |= CAN_ERR_CNT;
        frame->data[BYTE_TX_COUNTER] = counter(node->tec);
        frame->data[BYTE_RX_COUNTER] = counter(node->rec);
    }
}

static void add_cause(const struct can_error *error, struct af_can_wire_frame *frame)
{
    static const uint8_t types[] = {[CAN_ERROR_BIT] = CAN_ERR_PROT_BIT,
                                    [CAN_ERROR_STUFF] = CAN_ERR_PROT_STUFF,
                                    [CAN_ERROR_CRC] = CAN_ERR_PROT_BIT,
                                    [CAN_ERROR_FORM] = CAN_ERR_PROT_FORM,
                                    [CAN_ERROR_ACK] = CAN_ERR_PROT_UNSPEC};
    frame->can_id |= CAN_ERR_PROT | CAN_ERR_BUSERROR;
    frame->can_id |= error->cause == CAN_ERROR_ACK ? CAN_ERR_ACK : 0;
    frame->data[BYTE_PROTOCOL] =
        (uint8_t)(types[error->cause] | (error->sender ? CAN_ERR_PROT_TX : 0));
    frame->data[BYTE_LOCATION] = af_can_wire_location(&error->frame, error->bit);
}

void af_can_errors_bus_error(struct af_can_interface *interface, const struct can_error *error)
{
    struct af_can_wire_frame frame = {0};
    add_cause(error, &frame);
    add_counters(&interface->node, &frame);
    add_state(interface, &frame);
    deliver(interface, &frame);
}

/* Which bit it was is not known here. */
void af_can_errors_arbitration_lost(struct af_can_interface *interface)
{
    struct af_can_wire_frame frame = {.can_id = CAN_ERR_LOSTARB};
    frame.data[BYTE_LOST_ARBITRATION] = CAN_ERR_LOSTARB_UNSPEC;
    add_counters(&interface->node, &frame);
    deliver(interface, &frame);
}

void af_can_errors_restarted(struct af_can_interface *interface)
{
    const struct af_can_wire_frame frame = {.can_id = CAN_ERR_RESTARTED};
    interface->error_state = AF_CAN_ERROR_ACTIVE;
    deliver(interface, &frame);
}

void af_can_errors_counted(struct af_can_interface *interface)
{
    if (state_of(&interface->node) == interface->error_state) {
        return;
    }
    struct af_can_wire_frame frame = {0};
    add_counters(&interface->node, &frame);
    add_state(interface, &frame);
    deliver(interface, &frame);
}
