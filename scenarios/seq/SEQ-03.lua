-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-03.lua - the update fails for good at each of seven steps: the network is restored on each of
-- these ways.

local NETWORK = { "bcm", "doors", "lights", "climate", "seats", "wipers", "mirrors", "roof", "trailer", "radio",
                  "cluster", "parking" }

local function names_of(fits)
  local names = {}
  for _, name in ipairs(NETWORK) do
    if fits(ecu.status(name)) then
      names[#names + 1] = name
    end
  end
  return #names > 0 and table.concat(names, " ") or "none"
end

case {
  id = "SEQ-03", group = "SEQ", priority = 1,
  title = "Quiet state restored after failure",
  title_zh = "失败后恢复网络通信与DTC设置",
  sources = { "S2 3.5.3", "UN R156 7.2.2.1.1" },
  needs = { "network_quiet" },
  tags = { "network", "quiet" },
  vehicle = "network",
  plays = {
    { name = "10-02", fault = { service = 0x10, sub = 2, nrc = 0x22 } },
    { name = "27", fault = { service = 0x27, sub = 1, nrc = 0x22 } },
    { name = "erase", fault = { rid = 0xFF00, nrc = 0x72 } },
    { name = "36", fault = { service = 0x36, nrc = 0x72 } },
    { name = "37", fault = { service = 0x37, nrc = 0x72 } },
    { name = "FF01", fault = { rid = 0xFF01, nrc = 0x72 } },
    { name = "reset" },
  },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    for _, name in ipairs(NETWORK) do
      ecu.quirk("Q1", { ecu = name }) -- Only 28 00 and 85 01 bring it back.
    end
    local new = image { version = "2.0.0", kb = 4, behaviour = not play.fault and "no_boot" or nil }
    if play.fault then
      ecu.answer(play.fault)
    end
    master.start { image = new }
    local quieted = bus.wait { service = 0x28, kind = "positive", ecu = "bcm", within = "1min" }
    check.that("quiet at first", quieted, "28 01 accepted", "no 28 in a minute")
    local result = master.wait("2h")
    check.that("TERM", result and result.code ~= "SUCCESS", "a failure", result and result.code or "none")
    wait(profile("T_REST"))
    check.equal("communication off after the failure", "none", names_of(function(status)
      return not status.communication_on
    end), result and result.at)
    check.equal("DTC setting off after the failure", "none", names_of(function(status)
      return not status.dtc_setting_on
    end), result and result.at)
    check.equal("session left open after the failure", "none", names_of(function(status)
      return status.session ~= "default"
    end), result and result.at)
  end,
}
