-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-10.lua - segments of up to 600 blocks: the block counter runs 01 to FF, 00, and begins again.

local BLOCK = 42 -- Room for 40 bytes, and for an S-record of 32.
local BLOCKS = { 600, 255, 256, 3 }

case {
  id = "SEQ-10", group = "SEQ", priority = 1,
  title = "Block sequence counter",
  title_zh = "块序列计数器",
  sources = { "KB-36", "CSDN-36", "I-6" },
  tags = { "transfer" },
  ecu = { block_length = BLOCK },
  run = function()
    wait("500ms") -- Until the vehicle is awake.
    local new = image { version = "2.0.0", segments = {
      { 0x780000, BLOCKS[1] * (BLOCK - 2) }, { 0x7A0000, BLOCKS[2] * (BLOCK - 2) },
      { 0x7C0000, BLOCKS[3] * (BLOCK - 2) }, { 0x7FA000, BLOCKS[4] * (BLOCK - 2) },
    } }
    check.result(master.update { image = new }, "SUCCESS")
    check.that("image", ecu.holds(new), "every byte", "other bytes")

    local segment, expected, wrong = 0, 0, nil
    for _, message in ipairs(bus.messages { kind = "request", by = "master" }) do
      if message.service == 0x34 then
        segment, expected = segment + 1, 1
      elseif message.service == 0x36 and not wrong then
        if message.data:byte(2) ~= expected then
          wrong = message
          check.equal("counter series", ("%02X"):format(expected), ("%02X"):format(message.data:byte(2)), message)
        end
        expected = (expected + 1) % 256
      end
    end
    check.that("counter series", not wrong, "01 to FF, 00, 01 ...", "another one", wrong)
    check.equal("segments", #BLOCKS, segment)
  end,
}
