-- SPDX-License-Identifier: Apache-2.0
-- scenarios/stb/STB-06.lua - the machine of the master is busy: it gets its processor and its disk late.

-- The longest time between two frames of a block that is sent.
local function longest_gap(request)
  local longest, before = 0, nil
  for _, frame in ipairs(bus.frames { ecu = "bcm", from = request.at, until_ = request.done + 1e-6 }) do
    if frame.part == "consecutive" and frame.way == "request" or frame.part == "flow" then
      longest = math.max(longest, before and frame.at - before or 0)
      before = frame.at
    end
  end
  return longest
end

-- The longest time without any request to the ECU while it is in a session that ends.
local function longest_silence(from, to)
  local longest, last = 0, from
  for _, request in ipairs(bus.messages { by = "master", kind = "request", from = from, until_ = to }) do
    longest = math.max(longest, request.at - last)
    last = request.done or request.at
  end
  return longest
end

case {
  id = "STB-06", group = "STB", priority = 2,
  title = "Loaded master",
  title_zh = "主控高负载",
  sources = { "KB-TP", "KB-TIME" },
  needs = { "keep_alive" },
  plays = {
    { name = "processor", late = "10ms" },
    { name = "disk", disk = "200ms" },
    { name = "log-flood", load = 60 },
    { name = "all-at-once", late = "10ms", disk = "200ms", load = 60 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    if play.disk then
      store.slow { by = play.disk }:optional() -- It may keep nothing.
    end
    if play.load then
      bus.load { percent = play.load, priority = "low" }
    end
    local result = master.update { image = new, late = play.late, within = "30min" }
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), "every byte of the image", "others")
    for _, request in ipairs(bus.messages { by = "master", service = 0x36, kind = "request" }) do
      check.at_most("time between frames (N_Cs)", profile("N_Cs"), longest_gap(request), request)
    end
    local begin = bus.first { by = "ecu", service = 0x10, sub = 2, kind = "positive" }
    local reset = bus.last { by = "master", service = 0x37, kind = "request" }
    check.at_most("silence in a session", profile("T_S3s"), longest_silence(begin.at, reset.at), begin)
  end,
}
