-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-05.lua - response pending again and again, then the answer: the master waits, and asks once.

-- What may be pending, and how a message of it begins. Longer than RC78_CAP are only those for which a longer worst
-- case is declared.
local STEPS = {
  { name = "10-02", what = { service = 0x10, sub = 2 }, head = "10 02" },
  { name = "27-seed", what = { service = 0x27, sub = 1 }, head = "27 01" },
  { name = "27-key", what = { service = 0x27, sub = 2 }, head = "27 02" },
  { name = "erase", what = { rid = 0xFF00 }, head = "31 01 FF 00" },
  { name = "36", what = { service = 0x36 }, head = "36 02", skip = 1 },
  { name = "37", what = { service = 0x37 }, head = "37" },
  { name = "FF01", what = { rid = 0xFF01 }, head = "31 01 FF 01" },
}

local function plays()
  local list = {}
  for _, step in ipairs(STEPS) do
    list[#list + 1] = { name = step.name .. "-8s", step = step, seconds = 8, every = 2 }
  end
  list[#list + 1] = { name = "36-to-the-cap", step = STEPS[5], cap = true, every = 4 }
  list[#list + 1] = { name = "erase-60s", step = STEPS[4], seconds = 60, every = 4 }
  list[#list + 1] = { name = "erase-128s", step = STEPS[4], seconds = 128, every = 4 }
  return list
end

local function pending(play)
  local seconds = play.cap and profile("RC78_CAP") * (1 - profile("CAP_TOL")) or play.seconds
  local rule = { count = seconds // play.every, every = play.every, times = 1, skip = play.step.skip }
  for name, value in pairs(play.step.what) do
    rule[name] = value
  end
  return ecu.pending(rule)
end

case {
  id = "SEQ-05", group = "SEQ", priority = 1,
  title = "0x78: legal long wait",
  title_zh = "0x78 响应挂起：合法的长时间等待",
  sources = { "KB-NRC 0x78", "KB-TIME", "S1-flashtime", "I-2", "I-3", "I-4", "I-5", "CDA" },
  tags = { "timing", "nrc" },
  plays = plays(),
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    local long = pending(play)
    master.start { image = image { version = "2.0.0", kb = 8 },
                   policy = { ERASE_MAX = (play.seconds or 8) .. "s" } }
    check.result(master.wait("20min"), "SUCCESS")

    -- The request for which 78 came: the last one before the first 78.
    local service = tonumber(play.step.head:sub(1, 2), 16)
    local first = bus.first { kind = "negative", nrc = 0x78, from = long:first_at(), service = service }
    local answer = bus.first { kind = "positive", from = first and first.at, service = service }
    local asked = bus.last { kind = "request", head = play.step.head, by = "master", until_ = first and first.at }
    if not check.that("the request is made", first and asked, play.step.head, "none") then
      return
    end
    local sent = bus.messages { kind = "request", by = "master", from = asked.at, until_ = answer and answer.at }
    local again, others, where = 0, 0, nil
    for _, message in ipairs(sent) do
      if message.data == asked.data then
        again = again + 1
      elseif message.service ~= 0x3E then
        others, where = others + 1, where or message
      end
    end
    check.equal("transmissions of the request", 1, again, asked)
    check.equal("other requests while it is pending", 0, others, where)
    check.that("waits for the answer", answer, "a positive answer", "none", first)
  end,
}
