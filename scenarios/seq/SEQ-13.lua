-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-13.lua - final negative responses in programming: no retry, no next step.

-- Those after which the same request can only be refused again.
local NEVER_AGAIN = { [0x11] = true, [0x12] = true, [0x13] = true, [0x31] = true, [0x33] = true,
  [0x7E] = true, [0x7F] = true }
local NRCS = { 0x10, 0x11, 0x12, 0x13, 0x22, 0x24, 0x31, 0x33, 0x70, 0x71, 0x7E, 0x7F }
-- What may not follow a step that was refused. `other`: nor another request of the same service.
local STEPS = {
  { name = "erase", on = { service = 0x31, rid = 0xFF00 }, next = { "\x34", "\x36", "\x37", "\x31\x01\xFF\x01" } },
  { name = "34", on = { service = 0x34, skip = 1 }, next = { "\x36", "\x37", "\x31\x01\xFF\x01" } },
  { name = "36", on = { service = 0x36, skip = 2 }, next = { "\x37", "\x31\x01\xFF\x01" }, other = true },
  { name = "37", on = { service = 0x37, skip = 1 }, next = { "\x31\x01\xFF\x01" } },
  { name = "check", on = { service = 0x31, rid = 0xFF01 }, next = {} },
}

local function plays()
  local list = {}
  for _, step in ipairs(STEPS) do
    for _, nrc in ipairs(NRCS) do
      list[#list + 1] = { name = ("%s-%02X"):format(step.name, nrc), nrc = nrc, step = step }
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

-- A new erase or, for a block, a new 34 begins again; what follows that is no next step.
local function begins_again(data, step)
  return data:sub(1, 4) == "\x31\x01\xFF\x00" or (step.on.service >= 0x36 and data:byte(1) == 0x34)
end

-- How often the refused request was sent again until the master began again, and the first request
-- that takes its answer for a positive one.
local function after_refusal(refused, step)
  local again, next_step = 0, nil
  for _, message in ipairs(bus.messages { kind = "request", by = "master" }) do
    if message.index > refused.index then
      if message.data == refused.data then
        again = again + 1
      elseif begins_again(message.data, step) then
        break
      elseif begins_with_one_of(message.data, step.next)
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
    local result = master.update { image = image { version = "2.0.0", kb = 4 } }
    local answer = bus.first { nrc = play.nrc, service = step.on.service, kind = "negative" }
    local refused = bus.messages {}[answer.answers]
    local again, next_step = after_refusal(refused, step)
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
