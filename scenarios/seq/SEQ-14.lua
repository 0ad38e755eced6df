-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-14.lua - security access goes wrong: wrong keys, delays, odd seeds, a refusal.

local function is_key(message)
  return message.service == 0x27 and message.sub == 2
end

-- Each key answers a seed of its own, and there are fewer of them than the ECU locks after.
local function check_keys()
  local keys, fresh, stale = 0, false, nil
  for _, message in ipairs(bus.messages { service = 0x27, ecu = "bcm" }) do
    if message.kind == "positive" and message.sub == 1 then
      fresh = true
    elseif message.kind == "request" and is_key(message) then
      keys = keys + 1
      stale = stale or (not fresh and message) or nil
      fresh = false
    end
  end
  check.at_most("keys sent", profile("SA_LIM") - 1, keys, bus.last { service = 0x27, sub = 2, kind = "request" })
  check.that("a fresh seed for each key", not stale, "27 01 before each 27 02", stale and "none" or "yes", stale)
end

local function check_delay()
  local refused, worst, where = nil, math.huge, nil
  for _, message in ipairs(bus.messages { service = 0x27, ecu = "bcm" }) do
    if message.nrc == 0x36 or message.nrc == 0x37 then
      refused = message.done
    elseif message.kind == "request" and refused and message.at - refused < worst then
      worst, where, refused = message.at - refused, message, nil
    end
  end
  if where then
    check.at_least("silence on 27 after 36 or 37", profile("SA_DLY"), worst, where)
  end
end

-- A master that has no access may not go on to the erase.
local function check_locked(locked, new)
  local open, early = false, nil
  for _, message in ipairs(bus.messages { ecu = "bcm" }) do
    local data = message.data
    if message.kind == "positive" and (is_key(message) or data == "\x67\x01\x00\x00\x00\x00") then
      open = true
    elseif message.kind == "request" and not open
      and (data:sub(1, 4) == "\x31\x01\xFF\x00" or message.service == 0x34 or message.service == 0x36) then
      early = early or message
    end
  end
  check.that("no erase while locked", not early, "no 31 FF00, 34, 36 before access is granted",
    early and ("%02X"):format(early.service) or "none", early)
  if locked then
    check.equal("erases of the locked ECU", 0, (ecu.erased(new)))
  end
end

case {
  id = "SEQ-14", group = "SEQ", priority = 1,
  title = "SecurityAccess errors",
  title_zh = "安全访问异常",
  sources = { "KB-27", "KB-NRC 35-37", "S2 3.5.2(2)", "SIM27" },
  tags = { "sequence", "security", "nrc" },
  plays = {
    { name = "wrong-key-once", nrc = 0x35, sub = 2, times = 1 },
    { name = "wrong-key-always", nrc = 0x35, sub = 2, locked = true },
    { name = "attempts-exceeded-once", nrc = 0x36, sub = 2, times = 1 },
    { name = "attempts-exceeded-always", nrc = 0x36, sub = 2, locked = true },
    { name = "delay-once", nrc = 0x37, sub = 1, times = 1 },
    { name = "delay-of-the-ecu", nrc = 0x37, sub = 1, for_ = true },
    { name = "seed-zero", seed = "zero" },
    { name = "same-seed-twice", seed = "same", nrc = 0x35, sub = 2, locked = true },
    { name = "conditions", nrc = 0x22, sub = 1, locked = true },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    if play.seed then
      ecu.quirk("Q11", { seed = play.seed })
    end
    if play.nrc then
      local begun
      ecu.answer { service = 0x27, sub = play.sub, nrc = play.nrc, times = play.times,
        when = play.for_ and function(at)
          begun = begun or at
          return at - begun < profile("SA_DLY")
        end }
    end
    local result = master.update { image = new, within = "10min" }
    check_keys()
    check_delay()
    check_locked(play.locked, new)
    if play.seed == "zero" then
      check.equal("keys for a seed of zeros", 0, bus.count { service = 0x27, sub = 2, kind = "request" })
    end
    if play.locked and result then
      check.that("no success", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
    end
  end,
}
