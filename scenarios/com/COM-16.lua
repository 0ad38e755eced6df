-- SPDX-License-Identifier: Apache-2.0
-- COM-16: in the middle of the transfer a controller is bus-off, or the wires are shorted. A short interruption costs
-- resends, a long one a new entry; either way the transfer goes on where it was.

local function disturb(play)
  if play.wires then return bus.short { wires = play.wires, for_ = play.seconds } end
  return bus.bus_off { node = play.node, for_ = play.seconds }
end

-- A controller of the master is off until it is restarted, which may be longer than a master with few resends waits.
local function is_bridged(play)
  local seconds = play.node == "master" and play.seconds + profile("BUS_RESTART") or play.seconds
  return seconds <= profile("N_RS") * profile("N_As")
end

case {
  id = "COM-16", group = "COM", priority = 1,
  title = "Bus-off, bus short",
  title_zh = "总线关闭与总线短路",
  sources = { "bus-off recovery: 128 times 11 recessive bits", "paper 4.1" },
  needs = { "resend", "resume", "bus_off" },
  tags = { "bus-off", "short", "resume" },
  plays = {
    { name = "master-0.2s", node = "master", seconds = 0.2, brief = true },
    { name = "master-2s", node = "master", seconds = 2 },
    { name = "master-10s", node = "master", seconds = 10 },
    { name = "ecu-0.2s", node = "bcm", seconds = 0.2, brief = true },
    { name = "ecu-2s", node = "bcm", seconds = 2 },
    { name = "ecu-10s", node = "bcm", seconds = 10 },
    { name = "short-dominant-30s", wires = "dominant", seconds = 30 },
    { name = "short-recessive-30s", wires = "recessive", seconds = 30 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 16 }
    wait(1) -- The ECU is up.
    master.start { image = new }
    bus.wait { service = 0x36, kind = "positive", nth = 5, within = "60s" }
    wait("5ms") -- The next block is on its way.
    local from = now()
    local fault = disturb(play)
    local result = master.wait()
    if play.node == "master" then
      local restarts = math.floor(play.seconds / profile("BUS_RESTART")) + 1
      check.at_most("restarts of the controller", restarts, fault:fired(), from)
    end
    if result.code == "INTERRUPTED" and not play.brief then
      result = master.update { image = new }
    end
    check.that("continues after the disturbance", result.code == "SUCCESS", "SUCCESS", result.code)
    if play.brief and is_bridged(play) then
      check.equal("no re-entry", 0, bus.count { service = 0x10, sub = 0x02, kind = "request", from = from })
    end
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check.equal("writes of an address", 1, (ecu.written(new)))
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
