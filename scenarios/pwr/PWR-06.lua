-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-06.lua - the supply dips to where the ECU resets, or the ignition goes off and on. An ECU that was
-- reset is in its default session and locked: session and key come before the next download.

local PHASES = {
  { name = "pre-programming", head = "50 03" },
  { name = "unlocked", head = "67 02" },
  { name = "erasing", erasing = true },
  { name = "transferring", service = 0x36, nth = 5 },
  { name = "checked", head = "71 01 FF 01" },
  { name = "post-programming", head = "68 00" },
}

local function reach(phase)
  if phase.erasing then
    ecu.wait_flash { operation = "erase", nth = 2, within = "5min" }
  else
    bus.wait { kind = "positive", head = phase.head, service = phase.service, nth = phase.nth, within = "5min" }
  end
end

-- Downloads and blocks that the locked ECU has refused: 7F 7E 33 31 22 24 until the next key is accepted.
local function refused_while_locked(from)
  local key = bus.first { kind = "positive", head = "67 02", from = from }
  local until_ = key and key.at or now()
  return bus.count { kind = "negative", service = 0x34, from = from, until_ = until_ }
         + bus.count { kind = "negative", service = 0x36, from = from, until_ = until_ }, key
end

local function check_unlocked_again(from)
  local refused, key = refused_while_locked(from)
  local download = bus.first { kind = "request", service = 0x34, from = from }
  check.at_most("attempts while locked", 1, refused, from)
  if download then
    check.that("27 before the next 34", key and key.at < download.at, "67 02 first", key and "34 first" or "no key", download)
  end
end

local plays = {}
for i, phase in ipairs(PHASES) do
  plays[#plays + 1] = { name = phase.name .. "-50ms", phase = i, for_ = "50ms" }
  plays[#plays + 1] = { name = phase.name .. "-500ms", phase = i, for_ = "500ms" }
  plays[#plays + 1] = { name = phase.name .. "-kl15", phase = i, kl15 = true }
end

case {
  id = "PWR-06", group = "PWR", priority = 1,
  title = "Brown-out without full loss, KL15 dip",
  title_zh = "欠压但未完全断电，KL15跌落",
  sources = { "S2§4.1", "S1-NXP" },
  needs = { "restart", "resume" },
  tags = { "power", "resume" },
  ecu = { block_length = 258 },
  plays = plays,
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    local phase = PHASES[play.phase]
    master.start { image = new }
    reach(phase)
    local resets = ecu.status().resets
    local dip
    if play.kl15 then
      dip = power.kl15 { on = false, for_ = "500ms" }
    else
      dip = power.brownout { to = "3V", ramp = "5ms", for_ = play.for_ }
    end
    wait("1s")
    if not play.kl15 then
      check.at_least("resets by the dip", resets + 1, ecu.status().resets)
    end
    local result = master.wait()
    if not play.kl15 then
      check_unlocked_again(dip:first_at())
    end
    check.at_most("erases of a sector", phase.erasing and 2 or 1, (ecu.erased(new)))
    if play.kl15 and phase.head == "50 03" and result.code == "REFUSED" then
      check.equal("erases of a sector after a refusal", 0, (ecu.erased(new)))
      return -- The ignition is a precondition: refusing is as good as waiting.
    end
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
