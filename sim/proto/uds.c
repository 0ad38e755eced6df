/* SPDX-License-Identifier: Apache-2.0 */
/* sim/proto/uds.c - names of services and response codes, for people. */
#include "sim/proto/uds.h"

#define UDS_CASE(name, value, text)                                                                \
    case (value): return text;

const char *uds_service_name(uint8_t sid)
{
    switch (sid) {
        UDS_SERVICES(UDS_CASE)
    default: return "unknown service";
    }
}

const char *uds_nrc_name(uint8_t nrc)
{
    switch (nrc) {
        UDS_NRCS(UDS_CASE)
    default: return "unknown response code";
    }
}
