-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-06.lua - one response pending, then nothing: asked again after P2*, not after P2.

case {
  id = "SEQ-06", group = "SEQ", priority = 1,
  title = "0x78 then silence",
  title_zh = "0x78 之后无响应",
  sources = { "KB-TIME", "S2 4.1.1", "I-4" },
  needs = { "resend" },
  tags = { "timing", "nrc", "resend" },
  plays = {
    { name = "erase-once", what = { rid = 0xFF00 }, works = false, head = "31 01 FF 00" },
    { name = "36-once", what = { service = 0x36 }, skip = 1, head = "36 02" },
    { name = "erase-mute", what = { rid = 0xFF00 }, works = false, head = "31 01 FF 00", mute = true },
    { name = "36-mute", what = { service = 0x36 }, skip = 1, head = "36 02", mute = true },
  },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    local rule = { count = 1, then_ = "silence", times = 1, skip = play.skip, works = play.works }
    for name, value in pairs(play.what) do
      rule[name] = value
    end
    local silence = ecu.pending(rule)
    master.start { image = image { version = "2.0.0", kb = 8 } }
    local pending = bus.wait { kind = "negative", nrc = 0x78, within = "5min" }
    while pending and silence:fired() == 0 do -- That of 10 02 comes first.
      pending = bus.wait { kind = "negative", nrc = 0x78, within = "5min" }
    end
    if not check.that("the request is made", pending, play.head, "none") then
      return
    end
    if play.mute then
      ecu.mute {} -- From here on there is no answer to anything.
    end
    local result = master.wait("1h")
    local asked = bus.last { kind = "request", by = "master", head = play.head, until_ = pending.at }
    local again = bus.first { kind = "request", by = "master", service = asked.service, from = pending.done }

    local late = profile("P2_LATE") * profile("P2_STAR")
    check.between("first resend after the 78", profile("P2_STAR"), late, again and again.at - pending.done, again)
    check.that("bytes of the resend", again and again.data == asked.data, asked.data, again and again.data, again)

    -- Without another request in between, and without a pause (as INV-6 has it), it is a resend.
    local resends, last, limit = 0, pending.done, late
    for _, message in ipairs(bus.messages { kind = "request", by = "master", from = pending.done }) do
      if message.data == asked.data and message.at - last <= limit then
        resends, last, limit = resends + 1, message.done, profile("P2_LATE") * profile("P2") + 0.5
      elseif message.service ~= 0x3E then
        break
      end
    end
    check.at_most("resends", profile("N_RS"), resends, again)
    if play.mute then
      check.that("TERM", result and result.code ~= "SUCCESS", "no SUCCESS", result and result.code or "none")
    else
      check.result(result, "SUCCESS")
    end
  end,
}
