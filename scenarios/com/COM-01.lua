-- SPDX-License-Identifier: Apache-2.0
-- COM-01: one answer is lost, of each service in turn. The same request comes once more, and the update goes on.

-- A play for each answer; nth chooses among equal ones, quiet is asked for by some masters only.
local lost_answers = {
  { name = "22", service = 0x22 },
  { name = "10-03", service = 0x10, sub = 0x03 },
  { name = "31-preconditions", service = 0x31, rid = "\x02\x03", needs = "preconditions" },
  { name = "85-02", service = 0x85, sub = 0x02, needs = "network_quiet" },
  { name = "28-01", service = 0x28, sub = 0x01, needs = "network_quiet" },
  { name = "10-02", service = 0x10, sub = 0x02 },
  { name = "27-01", service = 0x27, sub = 0x01 },
  { name = "27-02", service = 0x27, sub = 0x02 },
  { name = "34", service = 0x34, nth = 2 },
  { name = "36", service = 0x36, nth = 5 },
  { name = "37", service = 0x37, nth = 3 },
  { name = "31-FF01", service = 0x31, rid = "\xFF\x01" },
  { name = "reset" },
  { name = "28-00", service = 0x28, sub = 0x00, needs = "network_quiet" },
  { name = "85-01", service = 0x85, sub = 0x01, needs = "network_quiet" },
}

-- The answer to the request that starts the new software: 51 01, or 50 01 out of the bootloader.
local function reset_answer()
  if profile("RESET") == "hard-reset" then
    return { service = 0x11, sub = 0x01, kind = "positive", nth = 1 }
  end
  return { service = 0x10, sub = 0x01, kind = "positive", nth = 1 }
end

local function answer_of(play)
  if play.name == "reset" then return reset_answer() end
  local answer = { service = play.service, sub = play.sub, kind = "positive", nth = play.nth or 1 }
  if play.rid then answer.bytes = { [2] = play.rid:byte(1), [3] = play.rid:byte(2) } end
  return answer
end

-- The requests of the master from then on, without tester present.
local function requests_from(at)
  local requests = {}
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = at }) do
    if message.service ~= 0x3E then requests[#requests + 1] = message end
  end
  return requests
end

-- The request whose answer was lost, and its repetitions: those that follow it without another request between.
local function episode(answer)
  local original
  for _, message in ipairs(bus.messages { kind = "request", by = "master", until_ = answer.at, service = answer.service }) do
    original = message
  end
  local again, other = {}, nil
  for i, message in ipairs(requests_from(original.at)) do
    if i > 1 and message.data ~= original.data then other = message break end
    if i > 1 then again[#again + 1] = message end
  end
  return original, again, other
end

-- A key is good for one answer: with it a new seed may be asked for.
local function check_key(original, again, other)
  local asked = again[1] or other
  check.equal("request after the loss", original.service, asked.service, asked)
  check.at_least("time of the resend", profile("P2"), asked.at - original.done, asked)
  check.at_most("resends", 1, #again, original)
end

local function check_resend(original, again)
  if not check.equal("resends", 1, #again, original) then return end
  check.that("bytes of the resend", again[1].data == original.data, "the same", "others", again[1])
  check.at_least("time of the resend", profile("P2"), again[1].at - original.done, again[1])
end

-- Silence is what a reset sounds like: a master may look for the new software instead.
local function check_reset(original, again)
  check.at_most("resends", profile("N_RS"), #again, original)
  for _, message in ipairs(again) do
    check.at_least("time of the resend", profile("P2"), message.at - original.done, message)
  end
end

case {
  id = "COM-01", group = "COM", priority = 1,
  title = "One response lost, each service in turn",
  title_zh = "逐一丢失各服务的一个应答",
  sources = { "paper 4.1.1" },
  needs = { "resend" },
  tags = { "loss", "resend" },
  plays = lost_answers,
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local answer = answer_of(play)
    answer.way, answer.whole = "answer", true
    local lost = bus.lose(answer)
    if play.needs and not capable(play.needs) then lost:optional() end
    check.result(master.update { image = new }, "SUCCESS")
    if lost:fired() == 0 then return end
    local unheard = bus.first { kind = "positive", from = lost:first_at() }
    local original, again, other = episode(unheard)
    if play.name == "27-02" then
      check_key(original, again, other)
    elseif play.name == "reset" then
      check_reset(original, again)
    else
      check_resend(original, again)
    end
  end,
}
