-- SPDX-License-Identifier: Apache-2.0
-- scenarios/rbk/RBK-04.lua - a rollback is an update: order of services, preconditions, busy ECUs and loss of
-- power are treated as there.

-- Each of these before the next one, the first time that the rollback asks for it.
local function check_order(from)
  local heads = { "10 02", "27", "31 01 FF 00", "34", "36", "37", "31 01 FF 01" }
  if capable("network_quiet") then
    table.insert(heads, 1, "28")
    table.insert(heads, 1, "85 02")
  end
  if capable("preconditions") then
    table.insert(heads, 1, "31 01 02 03")
  end
  table.insert(heads, 1, "10 03")
  local before, after = from, nil
  for _, head in ipairs(heads) do
    local first = bus.first { by = "master", head = head, from = from }
    check.that("order of services", first and first.at >= before, head .. " in its place",
      first and "earlier" or "never", first or after)
    before, after = first and first.at or before, first or after
  end
end

local plays = {
  ["power-cut"] = function(go)
    local cut = power.cut_at { operation = "program", nth = 300, permille = 500, for_ = "3s" }
    local from = now()
    local result = go()
    check.result(result, "ROLLED_BACK")
    check_order(from)
    if capable("resume") then
      check.equal("erases after the cut", 0, bus.count { by = "master", head = "31 01 FF 00", from = cut:first_at() })
    else
      check.at_most("erases", 1 + profile("R_UPD"), bus.count { by = "master", head = "31 01 FF 00", from = from })
    end
  end,
  ["wrong-gear"] = function(go)
    local gear = ecu.answer { rid = 0x0203, data = "71 01 02 03 02", until_ = now() + 120 }
    local from = now()
    judge.forbid("the gear is not in P", true)
    local result = go()
    check.result(result, "REFUSED", "FAILED_OLD", "INTERRUPTED")
    check.equal("requests for the programming session", 0, bus.count { by = "master", service = 0x10, sub = 2, from = from })
    gear:stop()
    judge.allow()
    wait(profile("T_REST"))
    check.result(go(), "ROLLED_BACK")
  end,
  ["busy"] = function(go)
    ecu.answer { service = 0x34, nrc = 0x21, times = 3 }
    local from = now()
    check.result(go(), "ROLLED_BACK")
    local busy = bus.messages { service = 0x34, nrc = 0x21, from = from }
    check.equal("busy answers", 3, #busy)
    for _, answer in ipairs(busy) do
      local again = bus.first { by = "master", service = 0x34, from = answer.at }
      check.at_least("pause before the repetition", profile("RC21_DLY"), again and again.at - answer.at, again)
    end
    check_order(from)
  end,
}

case {
  id = "RBK-04", group = "RBK", priority = 2,
  title = "Rollback obeys the same rules",
  title_zh = "回退遵守与升级相同的规则",
  sources = { "S2 4.2(3)" },
  needs = { "rollback" },
  tags = { "rollback" },
  plays = { { name = "power-cut", needs = "restart" }, { name = "wrong-gear", needs = "preconditions" }, { name = "busy" } },
  run = function(play)
    local v1 = image { version = "1.1.0", kb = 8 }
    check.result(master.update { id = "first", image = v1 }, "SUCCESS")
    check.result(master.update { id = "second", image = image { version = "2.0.0", kb = 8 } }, "SUCCESS")
    if play.needs and not capable(play.needs) then
      return
    end
    plays[play.name](function()
      return master.update { id = "back", action = "rollback" }
    end)
    check.that("image", ecu.holds(v1), "every byte of version 1", "others")
    check.equal("software that runs", "1.1.0", ecu.status().version)
  end,
}
