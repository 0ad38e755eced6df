-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-17.lua - the ECU is slow, but says so: the times in the answer to 10 hold for that session.

-- Requests that are sent again without an answer in between. Waiting for a reset is polling, and no resend.
local function resends()
  local count, first, before = 0, nil, nil
  for _, message in ipairs(bus.messages { ecu = "bcm" }) do
    if message.kind ~= "request" then
      before = nil
    elseif message.service ~= 0x3E and message.service ~= 0x22 then
      if before and before.data == message.data then
        count, first = count + 1, first or message
      end
      before = message
    end
  end
  return count, first
end

case {
  id = "SEQ-17", group = "SEQ", priority = 2,
  title = "Timing from the ECU is used",
  title_zh = "采用ECU给出的定时参数",
  sources = { "KB-10 (units 1 ms and 10 ms)", "LIB-C" },
  tags = { "sequence", "timing" },
  ecu = { block_length = 130 }, -- A block is programmed in a few milliseconds: its answer comes within P2.
  plays = {
    { name = "bootloader", phase = "bootloader" },
    { name = "both" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    -- 50 xx 00 C8 07 D0: P2 is 200 ms, P2* 20 s.
    local announced = { service = 0x10, phase = play.phase, set = { [3] = 0xC8, [4] = 0x07, [5] = 0xD0 } }
    if play.phase then
      announced.sub = 2
    end
    ecu.change(announced)
    for _, service in ipairs { 0x27, 0x34, 0x36, 0x37 } do
      ecu.delay { service = service, phase = "bootloader", by = "190ms" }
    end
    if not play.phase then
      ecu.delay { service = 0x31, rid = 0x0203, by = "190ms" }:optional()
    end
    ecu.pending { service = 0x31, rid = 0xFF00, first = "190ms", every = "19s" }
    ecu.pending { service = 0x31, rid = 0xFF01, first = "190ms", every = "19s" }
    check.result(master.update { image = new }, "SUCCESS")
    local count, first = resends()
    check.equal("resends", 0, count, first)
  end,
}
