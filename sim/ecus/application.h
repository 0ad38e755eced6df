/* SPDX-License-Identifier: Apache-2.0 */
/* sim/ecus/application.h - the model of the application that an image holds: identifiers, trouble
 * codes, a cyclic frame, the diagnostic services of the paper's pre- and post-programming phases,
 * and the faults that its image header asks for.
 *
 * It is used like the bootloader: feed frames, call application_run() at its deadline. It reaches
 * the hardware through the same HAL, so what it stores really goes through emulated EEPROM. */
#ifndef SIM_APPLICATION_H
#define SIM_APPLICATION_H

#include "sim/ecus/bootloader/boot_header.h"
#include "sim/ecus/bootloader/bootloader.h"

enum { APPLICATION_RX_MAX = 256, APPLICATION_TX_MAX = 256 };

enum application_state {
    APPLICATION_STARTING, /* Silent until its start-up is over. */
    APPLICATION_RUNNING,
    APPLICATION_LEAVING, /* Has promised (0x78) that the bootloader will answer the 10 02. */
    APPLICATION_HUNG,    /* The watchdog will bite: its owner resets the ECU. */
    APPLICATION_GONE,    /* Asked for a reset. */
};

/* Preconditions of programming, as bits of the answer to 31 01 02 03. */
enum application_unmet {
    APPLICATION_IGNITION_OFF = 1u << 0,
    APPLICATION_ENGINE_RUNNING = 1u << 1,
    APPLICATION_NOT_IN_PARK = 1u << 2,
    APPLICATION_MOVING = 1u << 3,
    APPLICATION_SUPPLY_LOW = 1u << 4,
    APPLICATION_SUPPLY_HIGH = 1u << 5,
};

/* A handler's work that goes on after it has answered "pending". */
enum application_work { APPLICATION_NO_WORK, APPLICATION_SETTLING };

struct application {
    const struct boot_cfg *cfg;
    const struct boot_hal *hal;
    struct boot_header header;
    enum application_state state;
    proto_ns_t state_due_ns; /* End of the start-up, or the watchdog's bite. */
    struct isotp physical, functional;
    struct uds_server server;
    const struct boot_personality *persona;
    const struct boot_session_row *session;
    struct boot_lock lock;
    enum application_work work;
    enum uds_nrc work_nrc; /* The answer once emulated EEPROM has settled. */
    bool reset_wanted;     /* Once the answer has left. */
    bool promise_given;    /* The 0x78 to 10 02 has left. */
    bool tx_enabled;       /* 28 */
    bool dtc_enabled;      /* 85 */
    proto_ns_t cyclic_due_ns;
    proto_ns_t fault_due_ns; /* When it confirms its trouble code. */
    uint8_t cyclic_counter;
    uint8_t rx[APPLICATION_RX_MAX];
    uint8_t rx_functional[62]; /* What a single frame of CAN FD carries. */
    uint8_t tx[APPLICATION_TX_MAX];
};

void application_start(struct application *app, const struct boot_cfg *cfg,
                       const struct boot_hal *hal, proto_ns_t now_ns);
void application_on_frame(struct application *app, uint32_t id, const uint8_t *data,
                          uint8_t len_bytes, proto_ns_t now_ns);
void application_on_confirm(struct application *app, uint32_t id, proto_ns_t now_ns);
void application_run(struct application *app, proto_ns_t now_ns);
proto_ns_t application_deadline_ns(const struct application *app);

/* Between application.c and application_services.c. */
extern const struct uds_service application_services[];
extern const uint8_t application_services_len;
/* What the default personality has in the bootloader only; others may have it here too. */
extern const struct uds_service application_security, application_write;
uint8_t application_unmet(const struct application *app);
/* As 28 and 85 want it. */
void application_set_quiet(struct application *app, bool communication_off, bool dtc_setting_off);
/* Enters a session: its times count, and the lock closes. */
void application_enter_session(struct application *app, const struct boot_session_row *to,
                               proto_ns_t now_ns);
const char *application_version(const struct application *app);

#endif
