-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-01.lua - the ECU is reset after each step of pre-programming: nothing of it counts any more.

local ORDERS = {
  ["quiet-before"] = { "10 03", "31 01 02 03", "85 02", "28 01" },
  ["quiet-inside"] = { "10 03", "31 01 02 03" },
}

-- What must have been asked between the reset and the first thing that changes the ECU.
local function check_again(name, head, from, until_)
  local again = bus.first { kind = "request", by = "master", head = head, from = from, until_ = until_ }
  check.that(name .. " again", again ~= nil, "before the erase", again and "yes" or "never", until_)
end

case {
  id = "PWR-01", group = "PWR", priority = 1,
  title = "ECU brown-out in pre-programming",
  title_zh = "预编程阶段ECU欠压复位",
  sources = { "S2§4.1.2 rule (1)" },
  needs = { "restart", "preconditions", "network_quiet" },
  tags = { "power", "resume" },
  plays = { { name = "after-session", step = 1 }, { name = "after-preconditions", step = 2 },
            { name = "after-dtc-off", step = 3 }, { name = "after-quiet", step = 4 } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    local steps = ORDERS[profile("ORDER")]
    local step = steps[play.step] or steps[#steps]
    master.start { image = new }
    local request = bus.wait { kind = "request", by = "master", head = step, within = "5min" }
    bus.wait { kind = "positive", service = request.service, within = "1min" }
    wait("250us") -- Until its frame is over; the next request is not.
    local down = power.brownout { to = "2V", ramp = "50us", for_ = "50ms" }
    local result = master.wait()
    local erase = bus.first { kind = "request", head = "31 01 FF 00" } or bus.first { kind = "request", service = 0x34 }
    local from, until_ = down:first_at(), erase and erase.at or now()
    check_again("session", "10 03", from, until_)
    check_again("preconditions", "31 01 02 03", from, until_)
    check_again("DTC off", "85 02", from, until_)
    check_again("quiet", "28 01", from, until_)
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
