-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-04.lua - an erase of 20 s, 78 each 4 s, and an ECU that wants tester present meanwhile: nobody
-- loses his session.

local NETWORK = { "bcm", "doors", "lights", "climate", "seats", "wipers", "mirrors", "roof", "trailer", "radio",
                  "cluster", "parking" }

-- The longest time without a request to an ECU, while it was in a session; where it ended.
local function longest_gap(name, from, until_)
  local last, gap, where = from, 0, nil
  for _, message in ipairs(bus.messages { ecu = name, kind = "request", by = "master", from = from, until_ = until_ }) do
    if message.at - last > gap then
      gap, where = message.at - last, message
    end
    last = message.at
  end
  if until_ - last > gap then
    gap, where = until_ - last, nil
  end
  return gap, where
end

-- From the answer to 10 03 to the first request that ends the session.
local function in_session(name)
  local begin = bus.first { ecu = name, kind = "positive", service = 0x10, sub = 3 }
  if not begin then
    return nil
  end
  local reset = bus.first { ecu = name, kind = "request", by = "master", service = 0x11, from = begin.at }
  local default = bus.first { ecu = name, kind = "request", by = "master", head = "10 01", from = begin.at }
  local last = reset and name == "bcm" and reset.at or default and default.at or now()
  return begin.done, last
end

local function check_gaps()
  local limit = profile("S3_MARGIN") * profile("T_S3s")
  for _, name in ipairs(NETWORK) do
    local from, until_ = in_session(name)
    if from then
      local gap, where = longest_gap(name, from, until_)
      check.that("gap between requests", gap < limit, ("less than %.3f s"):format(limit),
        ("%s: %.3f s"):format(name, gap), where)
    end
  end
end

case {
  id = "SEQ-04", group = "SEQ", priority = 1,
  title = "Keep-alive during long steps",
  title_zh = "长时间步骤期间的会话保持",
  sources = { "KB-TIME (S3)", "I-1" },
  needs = { "keep_alive" },
  tags = { "timing", "session" },
  vehicle = "network",
  run = function()
    wait("500ms") -- Until the vehicle is awake.
    ecu.quirk("Q4")
    ecu.pending { rid = 0xFF00, first = "30ms", every = "4s", count = 5, times = 1, name = "erase of 20 s" }
    master.start { image = image { version = "2.0.0", kb = 4 }, policy = { ERASE_MAX = "20s" } }
    local erase = bus.wait { head = "31 01 FF 00", kind = "request", within = "1min" }
    if not check.that("the erase is asked for", erase, "31 01 FF 00", "nothing in a minute") then
      return
    end
    local others = {}
    for i = 2, #NETWORK do
      others[NETWORK[i]] = ecu.status(NETWORK[i]).session
    end
    local answer = bus.wait { head = "71 01 FF 00", within = "40s" }
    check.that("the erase is answered", answer, "71 01 FF 00", "nothing")
    check.equal("session of the target after the erase", "programming", ecu.status().session)
    for i = 2, #NETWORK do
      check.equal("session of another ECU after the erase", others[NETWORK[i]], ecu.status(NETWORK[i]).session)
    end
    check.result(master.wait("10min"), "SUCCESS")
    check_gaps()

    local period = profile("T_S3c") * (1 + profile("S3_TOL"))
    local gap, where = longest_gap("bcm", erase.at, answer and answer.at or now())
    check.at_most("period of tester present", period, gap, where)
  end,
}
