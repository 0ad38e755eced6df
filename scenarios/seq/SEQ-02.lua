-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-02.lua - twelve ECUs, of which one refuses and one is deaf to what goes to all: quiet during the
-- update, and restored after it.

local NETWORK = { "bcm", "doors", "lights", "climate", "seats", "wipers", "mirrors", "roof", "trailer", "radio",
                  "cluster", "parking" }
-- They come back by 28 00 and 85 01 alone, the target among them.
local STICKY = { "bcm", "lights", "seats", "radio" }

local function names_of(fits)
  local names = {}
  for _, name in ipairs(NETWORK) do
    if fits(ecu.status(name)) then
      names[#names + 1] = name
    end
  end
  return #names > 0 and table.concat(names, " ") or "none"
end

-- Who is not quiet when programming begins.
local function watch_quiet()
  local first = profile("ORDER") == "quiet-inside" and "31 01 FF 00" or "10 02"
  local session = bus.wait { kind = "request", by = "master", head = first, within = "5min" }
  local loud = names_of(function(status)
    return status.communication_on or status.dtc_setting_on
  end)
  check.equal("quiet before programming", "none", session and loud or first .. " never came", session)
end

local function check_restored()
  wait(profile("T_REST"))
  check.equal("communication off after the update", "none", names_of(function(status)
    return not status.communication_on
  end))
  check.equal("DTC setting off after the update", "none", names_of(function(status)
    return not status.dtc_setting_on
  end))
end

local function check_cleared()
  check.at_least("14 to the updated ECU", 1, bus.count { service = 0x14, kind = "positive", ecu = "bcm" })
  local others = 0
  for i = 2, #NETWORK do
    others = others + bus.count { service = 0x14, kind = "answer", ecu = NETWORK[i] }
  end
  check.equal("14 to other ECUs", 0, others, bus.first { service = 0x14 })
end

-- Both services reach all ECUs but these; they are to be asked alone.
local function disturb()
  for _, service in ipairs { 0x85, 0x28 } do
    ecu.answer { ecu = "doors", service = service, address = "functional", nrc = 0x22, name = "doors refuse" }:optional()
    ecu.mute { ecu = "climate", service = service, address = "functional", name = "climate is deaf" }:optional()
  end
end

local function check_chased()
  for _, name in ipairs { "doors", "climate" } do
    for _, head in ipairs { "85 02", "28" } do
      check.at_least("asked alone: " .. name .. ", " .. head, 1,
        bus.count { ecu = name, kind = "request", head = head, functional = false })
    end
  end
end

local function update(new)
  master.start { image = new }
  watch_quiet()
  check.result(master.wait(), "SUCCESS")
  check_restored()
  if capable("dtc_clear") then
    check_cleared()
  end
end

-- An ECU that never agrees: no programming.
local function refused(new)
  ecu.answer { ecu = "doors", service = 0x85, sub = 2, nrc = 0x22, name = "doors never agree" }
  local result = master.update { image = new, within = "30min" }
  check.that("TERM", result and result.code ~= "SUCCESS", "no SUCCESS", result and result.code or "none")
  check.equal("10 02 while an ECU is not quiet", 0, bus.count { kind = "request", by = "master", head = "10 02" })
  check_restored()
end

case {
  id = "SEQ-02", group = "SEQ", priority = 1,
  title = "Network quieted and restored",
  title_zh = "网络静默与恢复",
  sources = { "S2 3.5.1 (3)(4)", "S2 3.5.3 (3)-(5)" },
  needs = { "network_quiet" },
  tags = { "network", "quiet" },
  vehicle = "network",
  plays = { { name = "sticky" }, { name = "two-asked-alone" }, { name = "one-never-agrees" } },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    local new = image { version = "2.0.0", kb = 4 }
    for _, name in ipairs(STICKY) do
      ecu.quirk("Q1", { ecu = name })
    end
    if play.name == "sticky" or not capable("quiet_chase") then
      update(new)
    elseif play.name == "one-never-agrees" then
      refused(new)
    else
      disturb()
      update(new)
      check_chased()
    end
  end,
}
