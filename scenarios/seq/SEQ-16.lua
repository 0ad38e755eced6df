-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-16.lua - positive answers that are none: another counter, routine, session or
-- identifier, or a routine that says it has failed.

-- Bytes that a positive answer repeats from its request, behind the service.
local ECHO = { [0x10] = 1, [0x22] = 2, [0x31] = 3, [0x36] = 1 }

local ERASED = { "\x34", "\x36", "\x37", "\x31\x01\xFF\x01" }
local ANSWERS = {
  { name = "block-counter", on = { service = 0x36, skip = 3 }, set = { [1] = { flip = 0x04 } },
    next = { "\x36", "\x37", "\x31\x01\xFF\x01" } },
  { name = "erase-routine", on = { service = 0x31, rid = 0xFF00 }, set = { [3] = 0x01 }, next = ERASED },
  { name = "check-routine", on = { service = 0x31, rid = 0xFF01 }, set = { [2] = 2, [3] = 3 }, next = {} },
  { name = "session", on = { service = 0x10, sub = 2 }, set = { [1] = 3 }, next = { "\x27", "\x31\x01\xFF\x00" } },
  { name = "identifier", on = { service = 0x22, did = 0xF189 }, set = { [2] = 0x88 },
    next = { "\x10\x02", "\x31\x01\xFF\x00" } },
  { name = "read-back", on = { service = 0x22, did = 0xF189 }, set = { [2] = 0x88 }, next = {}, after = "71 01 FF 01" },
}
local FAILED = {
  { name = "erase-failed", on = { service = 0x31, rid = 0xFF00 }, set = { [4] = 1 }, next = ERASED },
  { name = "check-failed", on = { service = 0x31, rid = 0xFF01 }, set = { [4] = 1 }, next = {} },
}

local function plays()
  local list = {}
  for _, answer in ipairs(ANSWERS) do
    list[#list + 1] = { name = answer.name .. "-once", answer = answer, times = 1 }
    list[#list + 1] = { name = answer.name .. "-always", answer = answer }
  end
  for _, answer in ipairs(FAILED) do
    list[#list + 1] = { name = answer.name, answer = answer, failed = true }
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

-- Whether the request was answered as it should be.
local function answered(message, request, failed)
  local echo = ECHO[request.service]
  return message.kind == "positive" and message.service == request.service
    and message.data:sub(2, 1 + echo) == request.data:sub(2, 1 + echo)
    and not (failed and message.data:byte(5) ~= 0)
end

-- The first request of a next step, before the one in question was answered, or its segment begun again.
local function advance(wrong_at, play)
  local requests = bus.messages { kind = "request", service = play.answer.on.service, by = "master", until_ = wrong_at }
  local request = requests[#requests]
  for _, message in ipairs(bus.messages { from = request.done }) do
    if message.kind ~= "request" then
      if answered(message, request, play.failed) then
        return nil
      end
    elseif request.service == 0x36 and message.service == 0x34 then
      return nil
    elseif message.data ~= request.data and begins_with_one_of(message.data, play.answer.next) then
      return message
    end
  end
end

case {
  id = "SEQ-16", group = "SEQ", priority = 1,
  title = "Response content is checked",
  title_zh = "检查响应内容",
  sources = { "CDA (echo matching)", "KB-31", "KB-36" },
  tags = { "sequence", "response" },
  ecu = { block_length = 258 },
  plays = plays(),
  run = function(play)
    local answer = play.answer
    local rule = { set = answer.set, times = play.times, when = answer.after and function()
      return bus.count { head = answer.after, kind = "positive" } > 0
    end }
    for name, value in pairs(answer.on) do
      rule[name] = value
    end
    local wrong = ecu.change(rule)
    local result = master.update { image = image { version = "2.0.0", kb = 8 } }
    local step = advance(wrong:first_at(), play)
    check.that(play.failed and "no step after a failed routine" or "no step after a wrong echo", not step,
      "none", step and ("%02X"):format(step.service) or "none", step)
    if play.failed or (answer.after and not play.times) then
      check.that(play.failed and "no success after a failed routine" or "no success without the right answer",
        result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
    elseif answer.name == "check-routine" and result.code == "SUCCESS" then
      check.at_least("no success on a wrong echo: asked again", 2,
        bus.count { head = "31 01 FF 01", kind = "request", by = "master" })
    end
  end,
}
