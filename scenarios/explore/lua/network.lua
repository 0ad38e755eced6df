-- SPDX-License-Identifier: Apache-2.0
-- What the master has switched off in the network is on again when its campaign is over (INV-3).
local function check_network(names)
  wait("100ms")
  for _, name in ipairs(names) do
    local left = ecu.status(name)
    local asked = left.run == "application" or left.run == "bootloader"
    check.that("the network is restored", not asked or (left.communication_on and left.dtc_setting_on),
      "communication and DTC setting on", name .. ": one is off")
  end
end
