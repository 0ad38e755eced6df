-- SPDX-License-Identifier: Apache-2.0
-- scenarios/com/COM-10.lua - the ECU says "wait" before it lets a message come in, or says nothing but that.

-- The "wait" flow controls that came after this first frame, before the master sent anything new.
local function waits_after(request)
  local again = bus.first { by = "master", kind = "request", functional = false, from = request.at + 0.0001 }
  return #bus.frames { part = "flow", way = "answer", status = "wait", from = request.at,
    until_ = again and again.at or now() }, again
end

local function check_pause(request)
  local go = bus.frames { part = "flow", way = "answer", status = "continue", from = request.at }[1]
  local early = 0
  for _, frame in ipairs(bus.frames { message = request.index, part = "consecutive" }) do
    early = early + ((go == nil or frame.at < go.at) and 1 or 0)
  end
  check.equal("frames between wait and continue", 0, early, request)
end

case {
  id = "COM-10", group = "COM", priority = 1,
  title = "ISO-TP: flow control WAIT",
  title_zh = "ISO-TP：流控等待（WAIT）",
  sources = { "KB-TP", "ZEP (10)", "LIB-P", "I-13" },
  needs = { "resend" },
  ecu = { block_length = 258 },
  plays = {
    { name = "legal", waits = 5, times = 1 },
    { name = "legal-each-block", waits = 5 },
    { name = "endless-once", waits = "never", times = 1 },
    { name = "endless", waits = "never" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    ecu.flow { service = 0x36, waits = play.waits, every = "800ms", times = play.times }
    local result = master.update { image = new, within = "30min" }
    local blocks = bus.messages { by = "master", service = 0x36, kind = "request" }
    for _, request in ipairs(blocks) do
      check_pause(request)
    end
    if play.waits == "never" then
      local waits, again = waits_after(blocks[1])
      check.between("waits put up with", profile("WFT_MAX") - 1, profile("WFT_MAX") + 1, waits, again)
    else
      check.equal("resends", bus.count { service = 0x36, kind = "positive" }, #blocks)
      check.result(result, "SUCCESS")
      check.that("image", ecu.holds(new), "every byte of the image", "others")
    end
    if play.name == "endless" then
      check.that("TERM", result ~= nil and result.code ~= "SUCCESS", "no success", result and result.code)
    end
  end,
}
