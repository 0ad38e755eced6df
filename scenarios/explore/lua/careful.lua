-- SPDX-License-Identifier: Apache-2.0
-- The ECU wants its preconditions asked for since its last start, and the network quiet.
local function be_careful()
  local asked
  ecu.answer { rid = 0x0203, nrc = 0x22, when = function()
    asked = ecu.status().resets
    return false
  end }:optional()
  ecu.answer { service = 0x10, sub = 2, nrc = 0x22, phase = "application", when = function()
    local seen = ecu.status()
    return seen.communication_on or seen.dtc_setting_on or asked ~= seen.resets
  end }:optional()
end
