-- SPDX-License-Identifier: Apache-2.0
-- COM-08: the bus is full of answers that are not for the master. It ignores them, and they do not put off its time-out.

local RESPONSE_ID, OTHER_ID = 0x7E8, 0x7E9

-- What others say, each frame at its time in a round of 6 ms: two nodes never begin together with one identifier.
local floods = {
  ["other-ecu"] = { { id = OTHER_ID, data = "02 76 01" } },
  ["periodic-6A"] = { { id = RESPONSE_ID, data = "06 6A 01 12 34 56 78" } },
  ["other-testers-answers"] = {
    { id = RESPONSE_ID, data = "03 7F 22 31" },
    { id = RESPONSE_ID, data = "04 62 01 02 03" },
    { id = RESPONSE_ID, data = "02 7E 00" },
  },
  ["pending-of-another-service"] = { { id = RESPONSE_ID, data = "03 7F 19 78" } },
}

-- From now on, until the request is repeated. Nothing else is said meanwhile.
local function flood_until_resend(play)
  local senders = {}
  for i, frame in ipairs(floods[play.name]) do
    senders[i] = bus.send { id = frame.id, data = frame.data, after = i * 0.002 - 0.001, every = "6ms" }
  end
  bus.wait_frame { way = "request", within = "10s" }
  for _, sender in ipairs(senders) do
    sender:stop()
  end
end

case {
  id = "COM-08", group = "COM", priority = 2,
  title = "Foreign and unsolicited traffic",
  title_zh = "无关与非请求的报文",
  sources = { "issue thread I-11" },
  needs = { "resend" },
  tags = { "traffic", "resend" },
  plays = {
    { name = "other-ecu" },
    { name = "periodic-6A" },
    { name = "other-testers-answers" },
    { name = "pending-of-another-service" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local lost = {
      bus.lose { way = "answer", service = 0x27, sub = 0x01, kind = "positive", nth = 1 },
      bus.lose { way = "answer", service = 0x34, kind = "positive", nth = 2 },
      bus.lose { way = "answer", service = 0x36, kind = "positive", nth = 5 },
    }
    master.start { image = new }
    for _, each in ipairs(lost) do
      while each:fired() == 0 and master.running() do
        bus.wait { kind = "positive", within = "30s" }
      end
      flood_until_resend(play)
    end
    check.result(master.wait("5min"), "SUCCESS")
    for _, each in ipairs(lost) do
      local request = bus.last { kind = "request", by = "master", until_ = each:first_at() }
      local again = bus.first { kind = "request", by = "master", from = each:first_at(), service = request.service }
      check.that("resend", again and again.data == request.data, "the same request", "another one", again)
      check.between("time-out", profile("P2"), profile("P2_LATE") * profile("P2"), again.at - request.done, again)
    end
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
