-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-05.lua - the ECU loses its power when the data are there: before or after the check of dependencies,
-- the reset, and each step of post-programming. Nothing is programmed again; what is left of the steps is done.

local MOMENTS = {
  { name = "after-last-37", service = 0x37, nth = 4 },
  { name = "after-ff01", service = 0x31, head = "71 01 FF 01" },
  { name = "after-reset", reset = true },
  { name = "after-28-00", service = 0x28, post = true },
  { name = "after-85-01", service = 0x85, post = true },
  { name = "after-14", service = 0x14, post = true, needs = "dtc_clear" },
  { name = "after-default-session", service = 0x10, head = "50 01", post = true },
}

local function is_reset(m)
  return m.service == 0x11 or (m.service == 0x10 and m.data:byte(2) == 1)
end

-- Waits for the answer after which the power goes; false if this master does not do that.
local function reached(play)
  local moment = MOMENTS[play.moment]
  if moment.needs and not capable(moment.needs) then
    return false
  end
  if moment.reset or moment.post then
    bus.wait { kind = "positive", head = "71 01 FF 01", within = "5min" }
    local reset = bus.wait { kind = "request", by = "master", within = "1min" }
    while reset and not is_reset(reset) do
      reset = bus.wait { kind = "request", by = "master", within = "1min" }
    end
    if moment.reset then
      return true
    end
    bus.wait { kind = "positive", service = 0x22, head = "62 F1 89", within = "1min" }
  end
  return bus.wait { kind = "positive", service = moment.service, head = moment.head, nth = moment.nth, within = "5min" } ~= nil
end

-- The application runs: from here on no session for programming, no erase, no data.
local function check_nothing_programmed(from)
  local again = bus.first { kind = "request", by = "master", head = "10 02", from = from }
                or bus.first { kind = "request", by = "master", head = "31 01 FF 00", from = from }
                or bus.first { kind = "request", by = "master", service = 0x34, from = from }
                or bus.first { kind = "request", by = "master", service = 0x36, from = from }
  check.that("nothing programmed again", again == nil, "no 10 02, 31 FF00, 34, 36", again and again.data:sub(1, 4), again)
end

local function check_post(from)
  local steps = { "28 00", "85 01" }
  if capable("dtc_clear") then
    steps[#steps + 1] = "14"
  end
  for _, head in ipairs(steps) do
    local done = capable("network_quiet") or head == "14"
    if done then
      check.at_least("post-programming: " .. head, 1, bus.count { kind = "request", by = "master", head = head, from = from })
    end
  end
  local status = ecu.status()
  check.that("communication and DTC setting", status.communication_on and status.dtc_setting_on, "on", "off")
end

local plays = {}
for i, moment in ipairs(MOMENTS) do
  plays[i] = { name = moment.name, moment = i }
end

case {
  id = "PWR-05", group = "PWR", priority = 1,
  title = "ECU power cut in post-programming or at the check of dependencies",
  title_zh = "后编程阶段或依赖检查时ECU断电",
  sources = { "S2§4.1.2 rule (2), §4.2(2)" },
  needs = { "restart" },
  tags = { "power", "resume" },
  vehicle = "pair", -- Somebody else acknowledges the frames that the ECU does not hear.
  plays = plays,
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    local moment = MOMENTS[play.moment]
    master.start { image = new }
    if not reached(play) then
      check.result(master.wait(), "SUCCESS")
      return
    end
    wait("300us") -- Until its frame is over.
    local cut = power.cut { for_ = "1s" }
    local result = master.wait()
    local confirmed = bus.first { kind = "positive", head = "71 01 FF 01" }
    if moment.name == "after-last-37" then
      local again = bus.first { kind = "request", head = "31 01 FF 01", from = cut:first_at() }
      check.that("31 FF01 again", again ~= nil, "after the cut", "never")
      check.equal("erases of a sector", 1, (ecu.erased(new)))
    else
      check_nothing_programmed(cut:first_at())
    end
    check_post(confirmed and confirmed.at or 0)
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
