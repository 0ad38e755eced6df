/* SPDX-License-Identifier: Apache-2.0 */
/* inject/uds_view.c - reads the heads of diagnostic messages. */
#include "inject/uds_view.h"

#include "sim/proto/uds.h"

/* ISO 14229-1: the services whose second byte is a sub-function. */
static bool has_sub(uint8_t service)
{
    switch (service) {
    case UDS_SESSION_CONTROL:
    case UDS_ECU_RESET:
    case UDS_READ_DTC:
    case UDS_SECURITY_ACCESS:
    case UDS_COMMUNICATION_CONTROL:
    case 0x29: /* Authentication */
    case 0x2C: /* DynamicallyDefineDataIdentifier */
    case UDS_ROUTINE_CONTROL:
    case UDS_TESTER_PRESENT:
    case 0x83: /* AccessTimingParameter */
    case UDS_CONTROL_DTC_SETTING:
    case 0x86: /* ResponseOnEvent */
    case 0x87: /* LinkControl */ return true;
    default: return false;
    }
}

static uint16_t sub_of(uint8_t service, const uint8_t *head, size_t len)
{
    if (len < 2 || !has_sub(service)) {
        return 0;
    }
    return (uint16_t)UDS_SUB(head[1] & (uint8_t)~UDS_SUPPRESS_POSITIVE);
}

void uds_view_request(struct uds_view *view, const uint8_t *head, size_t len_bytes,
                      struct uds_asked *asked)
{
    *view = (struct uds_view){
        .kind = UDS_KIND_REQUEST, .service = head[0], .sub = sub_of(head[0], head, len_bytes)};
    asked->sub[head[0]] = view->sub;
}

void uds_view_response(struct uds_view *view, const uint8_t *head, size_t len_bytes,
                       const struct uds_asked *asked)
{
    if (head[0] != UDS_NEGATIVE_RESPONSE) {
        const uint8_t service = (uint8_t)(head[0] - UDS_RESPONSE_OFFSET);
        *view = (struct uds_view){
            .kind = UDS_KIND_POSITIVE, .service = service, .sub = sub_of(service, head, len_bytes)};
        return;
    }
    *view = (struct uds_view){.kind = UDS_KIND_NEGATIVE};
    if (len_bytes >= 3) {
        view->service = head[1];
        view->nrc = head[2];
        view->sub = asked->sub[head[1]];
    }
}
