/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_inventory.h - which software the ECU runs, as the master knows it: a copy of what the
 * ECU has answered, for people and other programs. The master never decides by it: it reads the
 * ECU, and writes the file anew whenever it differs. */
#ifndef OTA_INVENTORY_H
#define OTA_INVENTORY_H

#include "master/ota_error.h"
#include "master/ota_port.h"

#define OTA_INVENTORY_FILE "inventory.json"

/* What the data identifiers said; empty: not readable. */
struct ota_inventory_row {
    const char *name;
    const char *hardware_id;   /* F191 */
    const char *serial_number; /* F18C */
    const char *version;       /* F189 */
};

/* Makes the file say this, whatever it said. One that says it already is not written again. */
int ota_inventory_set(const struct ota_port *port, const struct ota_inventory_row *row,
                      struct ota_error *error);

#endif
