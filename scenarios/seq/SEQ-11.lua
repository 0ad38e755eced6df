-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-11.lua - an ECU says that a block has the wrong counter, once or always.

-- After a 73 the block was not taken: until a new 34 nothing but the same block may follow.
local function check_next_block()
  local refused, worst = nil, nil
  for _, message in ipairs(bus.messages { ecu = "bcm" }) do
    if message.nrc == 0x73 then
      refused = bus.messages { service = 0x36, kind = "request", until_ = message.at }
      refused = refused[#refused]
    elseif message.service == 0x36 and message.kind == "positive"
      or message.service == 0x34 and message.kind == "request" then
      refused = nil
    elseif message.kind == "request" and message.service == 0x36 and refused
      and message.data ~= refused.data then
      worst = worst or message
    end
  end
  check.that("no other block after a 73 without a new 34", not worst, "the same block, or 34",
    worst and ("36 %02X"):format(worst.data:byte(2)) or "none", worst)
end

-- How often a segment was begun again because of a 73; each erase begins the count anew.
local function segment_restarts()
  local most, count, refused = 0, 0, false
  for _, message in ipairs(bus.messages { ecu = "bcm" }) do
    if message.data:sub(1, 4) == "\x31\x01\xFF\x00" then
      count, refused = 0, false
    elseif message.nrc == 0x73 then
      refused = true
    elseif message.kind == "request" and message.service == 0x34 and refused then
      count, refused = count + 1, false
      most = math.max(most, count)
    end
  end
  return most
end

case {
  id = "SEQ-11", group = "SEQ", priority = 1,
  title = "NRC 0x73, wrong block counter",
  title_zh = "否定响应0x73：数据块序号错误",
  sources = { "KB-NRC 0x73" },
  tags = { "sequence", "transfer", "nrc" },
  ecu = { block_length = 130 },
  plays = {
    { name = "first-once", block = 1, times = 1 },
    { name = "middle-once", block = 7, times = 1 },
    { name = "last-once", block = 16, times = 1 },
    { name = "later-segment-once", block = 20, times = 1 },
    { name = "always", block = 7 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    ecu.answer { service = 0x36, nrc = 0x73, skip = play.block - 1, times = play.times }
    local result = master.update { image = new }
    check_next_block()
    check.that("image, or no success", result.code ~= "SUCCESS" or ecu.holds(new),
      "IMG equal, or TERM other than SUCCESS", result.code)
    check.at_most("segment restarts", profile("R_SEG"), segment_restarts())
    if play.times and capable("retry") then
      check.result(result, "SUCCESS")
    elseif not play.times then
      check.that("no success", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
    end
  end,
}
