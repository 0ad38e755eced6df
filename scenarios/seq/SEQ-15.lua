-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-15.lua - the ECU says that its supply is too low or too high, for a while or for good.

local STEPS = {
  session = { service = 0x10, sub = 2 },
  erase = { service = 0x31, rid = 0xFF00 },
  block = { service = 0x36, skip = 5 },
}

local function plays()
  local list = {}
  for _, step in ipairs { "session", "erase", "block" } do
    for nrc = 0x92, 0x93 do
      list[#list + 1] = { name = ("%s-%02X"):format(step, nrc), step = step, nrc = nrc, seconds = 30 }
    end
    list[#list + 1] = { name = step .. "-for-ever", step = step, nrc = 0x93, seconds = math.huge }
  end
  return list
end

-- Requests that would work on the flash or lead to it, while the ECU said no.
local function check_probes(first, last)
  local before, gap, where = nil, math.huge, nil
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = first, until_ = last }) do
    local sid = message.service
    if sid == 0x36 or sid == 0x34 or message.data:sub(1, 4) == "\x31\x01\xFF\x00"
      or (sid == 0x10 and message.sub == 2) then
      if before and message.at - before < gap then
        gap, where = message.at - before, message
      end
      before = message.at
    end
  end
  if where then
    check.at_least("time between tries while the voltage is wrong", profile("T_PROBE"), gap, where)
  end
end

case {
  id = "SEQ-15", group = "SEQ", priority = 1,
  title = "Voltage NRCs 0x92 and 0x93",
  title_zh = "电压相关否定响应0x92/0x93",
  sources = { "KB-NRC 92, 93", "S2 4.1.2" },
  needs = { "voltage_wait" },
  tags = { "sequence", "power", "nrc" },
  ecu = { block_length = 258 },
  plays = plays(),
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local begun
    local rule = { nrc = play.nrc, when = function(at)
      begun = begun or at
      return at - begun < play.seconds
    end }
    for name, value in pairs(STEPS[play.step]) do
      rule[name] = value
    end
    local voltage = ecu.answer(rule)
    local result = master.update { image = new }

    local first = bus.first { nrc = play.nrc, kind = "negative" }
    local last = bus.last { nrc = play.nrc, kind = "negative" }
    check_probes(bus.messages {}[first.answers].at, last.at)
    check.at_most("tries while the voltage is wrong",
      1 + math.ceil((last.at - first.at) / profile("T_PROBE")), voltage:fired(), last)
    if play.seconds == 30 and play.step == "session" and result.code ~= "SUCCESS" then
      check.result(result, "REFUSED", "INTERRUPTED") -- Nothing was begun: it may also give up.
    elseif play.seconds == 30 then
      check.result(result, "SUCCESS")
      check.that("image", ecu.holds(new), "IMG equal", "other")
      check.equal("erases confirmed", 1,
        bus.count { head = "71 01 FF 00", kind = "positive", ecu = "bcm" })
      check.equal("erases of a sector", 1, (ecu.erased(new)))
    else
      check.result(result, "INTERRUPTED", "FAILED_OLD", "FAILED_SAFE", "ROLLED_BACK", "REFUSED")
      if capable("failure_detail") then
        check.equal("TERM carries the reason", play.nrc, result.nrc)
      end
    end
  end,
}
