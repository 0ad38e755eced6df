-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pre/PRE-11.lua - the master finds all well, the ECU does not, and says so.

local PRECONDITIONS = { service = 0x31, rid = 0x0203 }
local SESSION = { service = 0x10, sub = 2 }

case {
  id = "PRE-11", group = "PRE", priority = 2,
  title = "The ECU says no",
  title_zh = "ECU自身条件检查拒绝",
  sources = { "S2 3.5.1(2)", "KB-NRC 83, 88, 90" },
  needs = { "preconditions" },
  tags = { "preconditions", "nrc" },
  plays = {
    { name = "set-of-conditions", on = PRECONDITIONS, set = { [4] = 0x01 } },
    { name = "supply-low", on = PRECONDITIONS, set = { [4] = 0x10 } },
    { name = "preconditions-22", on = PRECONDITIONS, nrc = 0x22 },
    { name = "session-22", on = SESSION, nrc = 0x22 },
    { name = "session-83", on = SESSION, nrc = 0x83 },
    { name = "session-88", on = SESSION, nrc = 0x88 },
    { name = "session-90", on = SESSION, nrc = 0x90 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    local rule = { nrc = play.nrc, set = play.set }
    for name, value in pairs(play.on) do
      rule[name] = value
    end
    local refusal = play.set and ecu.change(rule) or ecu.answer(rule)
    judge.forbid("the ECU's own conditions are not met")
    local result = master.update { image = new }

    check.equal("no erase", 0, bus.count { head = "31 01 FF 00", kind = "request", by = "master" })
    check.equal("erases of a sector", 0, (ecu.erased(new)))
    check.that("no success", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
    local head = play.on == SESSION and "10 02" or "31 01 02 03"
    local tries = bus.messages { head = head, kind = "request", by = "master" }
    local gap, where = math.huge, nil
    for i = 2, #tries do
      if tries[i].at - tries[i - 1].at < gap then
        gap, where = tries[i].at - tries[i - 1].at, tries[i]
      end
    end
    check.that("time before the ECU is asked again", gap >= profile("T_RETRY"),
      ("at least %g s"):format(profile("T_RETRY")), where and gap or "not asked again", where)
    check.at_most("tries", 1 + profile("N_RETRY"), refusal:fired(), where)
  end,
}
