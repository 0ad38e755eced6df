-- SPDX-License-Identifier: Apache-2.0
-- COM-14: the bus is crowded by traffic of a higher priority, at each phase, for a short or a long time. What is late is
-- asked again, N_RS times at most (INV-6); the campaign goes on when there is room, at the latest when it is taken up
-- again.

-- When a phase begins: the master is about to send this.
local phases = {
  PH3 = { service = 0x10, sub = 0x03, kind = "request", within = "60s" },
  PH4b = { service = 0x31, head = "31 01 FF 00", kind = "request", within = "60s" },
  PH4c = { service = 0x36, kind = "positive", nth = 3, within = "60s" },
  PH4d = { service = 0x37, kind = "positive", nth = 4, within = "60s" },
  PH6 = { service = 0x10, sub = 0x03, kind = "positive", nth = 2, within = "60s" },
}

-- Longer than that nothing may get through.
local function longest_patience()
  return profile("N_RS") * profile("P2")
end

case {
  id = "COM-14", group = "COM", priority = 1,
  title = "Congestion",
  title_zh = "总线拥塞",
  sources = { "paper 5 (2)", "paper 4.1.1" },
  needs = { "resend", "resume" },
  tags = { "load", "resend", "resume" },
  plays = {
    { name = "PH3-60", phase = "PH3", percent = 60, seconds = 10 },
    { name = "PH4c-60", phase = "PH4c", percent = 60, seconds = 10 },
    { name = "PH4c-80", phase = "PH4c", percent = 80, seconds = 10 },
    { name = "PH4c-95", phase = "PH4c", percent = 95, seconds = 10 },
    { name = "PH4c-95-own-bursts", phase = "PH4c", percent = 95, seconds = 10, bursts = true },
    { name = "PH3-100-brief", phase = "PH3", percent = 100, seconds = "brief" },
    { name = "PH4b-100-brief", phase = "PH4b", percent = 100, seconds = "brief" },
    { name = "PH4c-100-brief", phase = "PH4c", percent = 100, seconds = "brief" },
    { name = "PH6-100-brief", phase = "PH6", percent = 100, seconds = "brief" },
    { name = "PH3-100-1s", phase = "PH3", percent = 100, seconds = 1 },
    { name = "PH4c-100-1s", phase = "PH4c", percent = 100, seconds = 1 },
    { name = "PH4c-100-5s", phase = "PH4c", percent = 100, seconds = 5 },
    { name = "PH3-100-30s", phase = "PH3", percent = 100, seconds = 30 },
    { name = "PH4b-100-30s", phase = "PH4b", percent = 100, seconds = 30 },
    { name = "PH4c-100-30s", phase = "PH4c", percent = 100, seconds = 30 },
    { name = "PH4d-100-30s", phase = "PH4d", percent = 100, seconds = 30 },
    { name = "PH6-100-30s", phase = "PH6", percent = 100, seconds = 30 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local brief = play.seconds == "brief"
    if play.bursts then ecu.flow { block_size = 0, st_min = 0 } end
    wait(1) -- The ECU is up.
    master.start { image = new }
    bus.wait(phases[play.phase])
    bus.load { percent = play.percent, priority = "high", for_ = brief and 0.9 * longest_patience() or play.seconds }
    local result = master.wait()
    if not brief and result.code == "INTERRUPTED" then
      result = master.update { image = new }
    end
    check.that("continues after congestion", result.code == "SUCCESS", "SUCCESS", result.code)
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check.equal("writes of an address", 1, (ecu.written(new)))
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
