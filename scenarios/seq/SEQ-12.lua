-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-12.lua - the flash fails: 72 on the erase, a block or the end of a segment.

-- The segment has ended with the 72: its data may only go on after a new 34.
local function check_stopped()
  local stopped, count, first = false, 0, nil
  for _, message in ipairs(bus.messages { ecu = "bcm" }) do
    if message.nrc == 0x72 then
      stopped = true
    elseif message.kind == "request" and message.service == 0x34 then
      stopped = false
    elseif message.kind == "request" and message.service == 0x36 and stopped then
      count, first = count + 1, first or message
    end
  end
  check.equal("no 36 after a 72 without a new 34", 0, count, first)
end

case {
  id = "SEQ-12", group = "SEQ", priority = 1,
  title = "NRC 0x72, programming failure",
  title_zh = "否定响应0x72：编程失败",
  sources = { "KB-NRC 0x72", "S2 3.5.2(6)", "I-7" },
  tags = { "sequence", "flash", "nrc" },
  ecu = { block_length = 258 },
  plays = {
    { name = "erase-once", on = { service = 0x31, rid = 0xFF00, works = true }, times = 1 },
    { name = "block-once", on = { service = 0x36, skip = 5 }, times = 1 },
    { name = "exit-once", on = { service = 0x37, skip = 1 }, times = 1 },
    { name = "erase-always", on = { service = 0x31, rid = 0xFF00, works = true } },
    { name = "block-always", on = { service = 0x36, skip = 5 } },
    { name = "exit-always", on = { service = 0x37, skip = 1 } },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    play.on.nrc, play.on.times = 0x72, play.times
    ecu.answer(play.on)
    local result = master.update { image = new }
    check_stopped()
    check.at_most("full restarts", profile("R_UPD"),
      bus.count { head = "31 01 FF 00", kind = "request", by = "master" } - 1)
    check.that("image, or no success", result.code ~= "SUCCESS" or ecu.holds(new),
      "IMG equal, or TERM other than SUCCESS", result.code)
    if not play.times then
      check.result(result, "ROLLED_BACK", "FAILED_SAFE")
    elseif capable("retry") then
      check.result(result, "SUCCESS")
    end
  end,
}
