-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-13.lua - final negative responses in programming: no retry, no next step.

-- Those after which the same request can only be refused again.
local NEVER_AGAIN = { [0x11] = true, [0x12] = true, [0x13] = true, [0x31] = true, [0x33] = true,
  [0x7E] = true, [0x7F] = true }
local NRCS = { 0x10, 0x11, 0x12, 0x13, 0x22, 0x24, 0x31, 0x33, 0x70, 0x71, 0x7E, 0x7F }
-- What may not follow a step that was refused, besides a 34 of another segment. other: nor another request
-- of the same service. half: the two routines share the codes, one has the odd ones, one the even ones.
local STEPS = {
  { name = "erase", on = { service = 0x31, rid = 0xFF00 }, next = { "\x36", "\x37", "\x31\x01\xFF\x01" }, half = 1 },
  { name = "34", on = { service = 0x34, skip = 1 }, next = { "\x36", "\x37", "\x31\x01\xFF\x01" } },
  { name = "36", on = { service = 0x36, skip = 2 }, next = { "\x37", "\x31\x01\xFF\x01" }, other = true },
  { name = "37", on = { service = 0x37, skip = 1 }, next = { "\x31\x01\xFF\x01" } },
  { name = "check", on = { service = 0x31, rid = 0xFF01 }, next = {}, half = 0 },
}

local function plays()
  local list = {}
  for _, step in ipairs(STEPS) do
    for i, nrc in ipairs(NRCS) do
      if not step.half or i % 2 == step.half then
        list[#list + 1] = { name = ("%s-%02X"):format(step.name, nrc), nrc = nrc, step = step }
      end
    end
  end
  return list
end

local function begins_with_one_of(data, heads)
  for _, head in ipairs(heads) do
    if data:sub(1, #head) == head then
      return true
    end
  end
  return false
end

-- The number of the segment that a 34 asks for; nil for any other request.
local function segment_of(data, segments)
  if data:byte(1) ~= 0x34 then
    return nil
  end
  local address = 0
  for i = 4, 3 + data:byte(3) % 16 do
    address = address * 256 + data:byte(i)
  end
  for i, segment in ipairs(segments) do
    if address >= segment[1] and address < segment[1] + segment[2] then
      return i
    end
  end
  return 0
end

-- How often the refused request was sent again until the master began again, by an erase or by a 34 of
-- the same segment, and the first request that takes its answer for a positive one.
local function after_refusal(refused, step, segments)
  local again, next_step, in_hand = 0, nil, nil
  for _, message in ipairs(bus.messages { kind = "request", by = "master" }) do
    local segment = segment_of(message.data, segments)
    if message.index < refused.index then
      in_hand = segment or in_hand
    elseif message.index > refused.index and message.data == refused.data then
      again = again + 1
    elseif message.index > refused.index then
      if message.data:sub(1, 4) == "\x31\x01\xFF\x00" or (segment and segment == in_hand) then
        break
      elseif segment or begins_with_one_of(message.data, step.next)
        or (step.other and message.service == refused.service) then
        next_step = next_step or message
      end
    end
  end
  return again, next_step
end

case {
  id = "SEQ-13", group = "SEQ", priority = 1,
  title = "Final negative responses are not retried like time-outs",
  title_zh = "最终否定响应不得按超时重试",
  sources = { "KB-NRC", "I-7" },
  tags = { "sequence", "nrc" },
  plays = plays(),
  run = function(play)
    local step = play.step
    step.on.nrc = play.nrc
    ecu.answer(step.on)
    local new = image { version = "2.0.0", kb = 4 }
    local result = master.update { image = new }
    local answer = bus.first { nrc = play.nrc, service = step.on.service, kind = "negative" }
    local refused = bus.messages {}[answer.answers]
    local again, next_step = after_refusal(refused, step, new.segments)
    check.at_most("refused request again", NEVER_AGAIN[play.nrc] and 0 or 1, again, answer)
    check.that("no next programming step", not next_step, "none",
      next_step and ("%02X"):format(next_step.service) or "none", next_step or answer)
    check.that("no success", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
    if capable("failure_detail") then
      check.equal("TERM carries SID and NRC", ("%02X %02X"):format(step.on.service, play.nrc),
        ("%02X %02X"):format(result.sid, result.nrc))
    end
  end,
}
