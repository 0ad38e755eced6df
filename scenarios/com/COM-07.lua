-- SPDX-License-Identifier: Apache-2.0
-- COM-07: a gateway corrupts an answer and gives it a good checksum. What is no positive answer to the request in hand is
-- no reason to go on: the master asks again, or fails.

-- The first request after that of the corrupted answer, without tester present.
local function next_request(after)
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = after.at }) do
    if message.index ~= after.index and message.service ~= 0x3E then return message end
  end
end

-- What a master sends that gives up: it restores the network, and looks at the ECU.
local function gives_up(message)
  local service = message.service
  return service == 0x10 or service == 0x28 or service == 0x85 or service == 0x22 or service == 0x11
end

local function repetitions(of)
  local count = 0
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = of.at, service = of.service }) do
    if message.data == of.data and message.index ~= of.index then count = count + 1 end
  end
  return count
end

case {
  id = "COM-07", group = "COM", priority = 2,
  title = "Corrupted but CRC-valid response",
  title_zh = "CRC 正确但内容被破坏的应答",
  sources = { "own judgement: end-to-end corruption behind a gateway" },
  tags = { "corruption" },
  plays = {
    { name = "76-to-66", change = { service = 0x36, kind = "positive", nth = 2, set = { [0] = 0x66 } } },
    { name = "counter", change = { service = 0x36, kind = "positive", nth = 2, set = { [1] = { flip = 0x04 } } } },
    { name = "7F-to-7E", change = { service = 0x34, kind = "negative", nth = 1, set = { [0] = 0x7E } },
      refuse = { service = 0x34, nrc = 0x21, times = 1 } },
    { name = "78-to-79", change = { service = 0x37, kind = "negative", nrc = 0x78, nth = 1, set = { [2] = 0x79 } },
      pending = { service = 0x37, times = 1, count = 1, every = "200ms" } },
    { name = "length-one", change = { service = 0x36, kind = "positive", nth = 2, set_frame = { [0] = 0x01 } } },
    { name = "frame-cut", change = { service = 0x36, kind = "positive", nth = 2, len = 2 } },
    { name = "seed-cut", change = { service = 0x27, sub = 0x01, kind = "positive", nth = 1, set_frame = { [0] = 0x04 } } },
    { name = "always", change = { service = 0x36, kind = "positive", skip = 1, set = { [0] = 0x66 } }, always = true },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    if play.refuse then ecu.answer(play.refuse) end
    if play.pending then ecu.pending(play.pending) end
    play.change.way = "answer"
    local changed = bus.change(play.change)
    local result = master.update { image = new }
    local answer = bus.first { kind = "answer", service = play.change.service, from = changed:first_at() }
    local request = bus.last { kind = "request", by = "master", service = play.change.service, until_ = answer.at }
    local follows = next_request(request)
    local again = follows and follows.data == request.data
    if play.always then
      check.that("TERM", result.code ~= "SUCCESS", "not SUCCESS", result.code)
      changed:stop()
    end
    check.that("no step advance", not follows or again or result.code ~= "SUCCESS" and gives_up(follows),
      "the same request, or the end", "the next step", follows)
    check.at_most("resends", profile("N_RS"), repetitions(request), request)
    if result.code == "SUCCESS" then
      check.that("image", ecu.holds(new), "the target", "another")
    end
  end,
}
