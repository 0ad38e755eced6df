-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-09.lua - the ECU announces block lengths of all kinds: no 36 is longer, and all but the last of a
-- segment are as long.

-- The longest message of ISO-TP with a length of 12 bits.
local MESSAGE_MAX = 4095

-- The answer to each 34 is another one; that of the third needs four bytes.
local function announce(lengths)
  for i, length in ipairs(lengths) do
    local wide = length > 0xFFFF or i == 3
    local set = wide and { [1] = 0x40, [2] = length >> 24, [3] = length >> 16 & 0xFF, [4] = length >> 8 & 0xFF,
                           [5] = length & 0xFF }
                or { [1] = 0x20, [2] = length >> 8, [3] = length & 0xFF }
    ecu.change { service = 0x34, nth = i, set = set, len = wide and 6 or 4, name = "length " .. length }
  end
end

local function announced(message)
  local length, width = 0, message.data:byte(2) >> 4
  for i = 1, width do
    length = length << 8 | message.data:byte(2 + i)
  end
  return length
end

local function check_segment(number, first, until_)
  local limit = announced(first)
  local blocks = bus.messages { service = 0x36, kind = "request", from = first.at, until_ = until_ }
  for i, block in ipairs(blocks) do
    check.at_most("length of 36", limit, block.len, block)
    if i < #blocks and profile("BLOCK") == "block" then
      check.equal("36 is filled", math.min(limit, MESSAGE_MAX), block.len, block)
    end
  end
  check.at_least("blocks of segment " .. number, 1, #blocks)
end

case {
  id = "SEQ-09", group = "SEQ", priority = 1,
  title = "Block length negotiation",
  title_zh = "传输块长度协商",
  sources = { "KB-34 (service and counter included)", "LIB-C" },
  tags = { "transfer" },
  plays = {
    { name = "130", ecu = { block_length = 130 } },
    { name = "258", ecu = { block_length = 258 } },
    { name = "4095", ecu = { block_length = 4095 } },
    { name = "each-another", ecu = { block_length = 4095 }, lengths = { 130, 2050, 258, 131 } },
    { name = "32-bits", ecu = { block_length = 4095 }, lengths = { 0x00010000, 0x7FFFFFFF, 4095, 0xFFFFFFFF } },
  },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    if play.lengths then
      announce(play.lengths)
    end
    local new = image { version = "2.0.0", kb = 24 }
    check.result(master.update { image = new }, "SUCCESS")
    check.that("image", ecu.holds(new), "every byte", "other bytes")
    check.equal("NRC 13 and 31", 0, bus.count { service = 0x36, nrc = 0x13 } + bus.count { service = 0x36, nrc = 0x31 })
    local answers = bus.messages { service = 0x34, kind = "positive" }
    for i, answer in ipairs(answers) do
      check_segment(i, answer, answers[i + 1] and answers[i + 1].at)
    end
  end,
}
