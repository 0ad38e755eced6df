/* SPDX-License-Identifier: Apache-2.0 */
/* inject/uds_view.h - what the head of a diagnostic message says: request or answer, which service,
 * sub-function and negative response code (ISO 14229-1). */
#ifndef INJECT_UDS_VIEW_H
#define INJECT_UDS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum uds_kind { UDS_KIND_UNKNOWN, UDS_KIND_REQUEST, UDS_KIND_POSITIVE, UDS_KIND_NEGATIVE };

/* A sub-function that is given, so that 0 can mean "none" or "any". */
#define UDS_SUB(number) (0x100u | (number))

struct uds_view {
    enum uds_kind kind;
    uint8_t service; /* Of the request, also in answers. */
    uint8_t nrc;     /* Negative answers. */
    uint16_t sub;    /* UDS_SUB() of the sub-function, without the bit that suppresses the positive
                      * answer; 0: the service has none, or it is not known. */
};

/* The sub-functions last asked for, by service: a negative answer does not repeat them. */
struct uds_asked {
    uint16_t sub[256];
};

/* head: the first bytes of the message, as many as are known (at least one). */
void uds_view_request(struct uds_view *view, const uint8_t *head, size_t len_bytes,
                      struct uds_asked *asked);
void uds_view_response(struct uds_view *view, const uint8_t *head, size_t len_bytes,
                       const struct uds_asked *asked);

#endif
