-- SPDX-License-Identifier: Apache-2.0
-- COM-06: an answer comes late, after the resend, so that there are two of them; or a gateway says everything twice. The
-- master takes each answer for the request that it belongs to, and drops what is left over.

-- The next block may follow once the answer to the last one was sent; the counter tells which is which.
local function check_pairing()
  local counter, answered
  for _, message in ipairs(bus.messages {}) do
    if message.service == 0x34 then
      counter = nil
    elseif message.service == 0x36 and message.kind == "positive" then
      answered = answered or message.data:byte(2) == counter
    elseif message.service == 0x36 and message.kind == "request" and message.data:byte(2) ~= counter then
      if counter then
        check.that("pairing", answered, "the next block after the answer to the last one",
          ("block %d is not answered yet"):format(counter), message)
      end
      counter, answered = message.data:byte(2), false
    end
  end
end

-- 01, 02 ... FF, 00 in each transfer, a repetition apart.
local function check_counters()
  local expected
  for _, message in ipairs(bus.messages { kind = "request", by = "master" }) do
    if message.service == 0x34 then
      expected = 1
    elseif message.service == 0x36 then
      local counter = message.data:byte(2)
      local again = counter == (expected - 1) % 256
      check.that("counter never skips", again or counter == expected, expected, counter, message)
      if not again then expected = (expected + 1) % 256 end
    end
  end
end

-- A gateway has kept the answer to a block back until the next block has been sent.
local function answer_when_the_next_is_out(counter)
  bus.wait { service = 0x36, kind = "request", head = { 0x36, counter }, within = "60s" }
  bus.wait { service = 0x36, kind = "request", head = { 0x36, counter + 1 }, within = "60s" }
  return bus.send { id = 0x7E8, data = { 0x02, 0x76, counter } }
end

case {
  id = "COM-06", group = "COM", priority = 1,
  title = "Late or duplicated response",
  title_zh = "应答迟到或重复",
  sources = { "OpenSOVD, matching of answers", "issue threads I-9, I-10" },
  needs = { "resend" },
  tags = { "delay", "duplicate", "resend" },
  plays = {
    { name = "late-22", late = { service = 0x22, nth = 1 } },
    { name = "late-10-02", late = { service = 0x10, sub = 0x02 } },
    { name = "late-seed", late = { service = 0x27, sub = 0x01 } },
    { name = "late-34", late = { service = 0x34, nth = 2 } },
    { name = "late-36", late = { service = 0x36, nth = 2 } },
    { name = "late-36-by-blocks", late = { service = 0x36, nth = 1 }, by = "210ms", kb = 32 },
    { name = "late-37", late = { service = 0x37, nth = 1 } },
    { name = "late-FF01", late = { service = 0x31, bytes = { [2] = 0xFF, [3] = 0x01 } } },
    { name = "as-the-next-is-out", ghost = 1 },
    { name = "everything-twice", twice = true },
    { name = "bad-gateway", quirk = "Q14" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = play.kb or 8 }
    if play.late then
      local late = play.late
      late.way, late.kind, late.nth, late.by = "answer", "positive", late.nth or 1, play.by or "75ms"
      bus.delay(late)
    elseif play.twice then
      bus.duplicate { way = "answer", part = { "single", "flow" } }
    elseif play.quirk then
      ecu.quirk(play.quirk)
    end
    master.start { image = new }
    if play.ghost then answer_when_the_next_is_out(play.ghost) end
    check.result(master.wait(), "SUCCESS")
    check_pairing()
    check_counters()
    check.that("image", ecu.holds(new), "the target", "another")
    check.equal("writes of an address", 1, (ecu.written(new)))
  end,
}
