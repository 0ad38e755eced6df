-- SPDX-License-Identifier: Apache-2.0
-- scenarios/fun/FUN-02.lua - the ECU has what is offered, or nothing is offered: it is only asked.

case {
  id = "FUN-02", group = "FUN", priority = 2,
  title = "Nothing to do",
  title_zh = "无需升级",
  sources = { "S1-flow (version check)", "S1-NXP" },
  needs = { "version_readback", "no_campaign" },
  plays = {
    { name = "installed-already", offer = true },
    { name = "no-campaign" },
    { name = "first-one-then-the-other", offer = true, again = true },
  },
  run = function(play)
    local installed = image { version = "1.4.2", kb = 4 }
    ecu.install(installed)
    wait(1)
    local result = master.update(play.offer and { image = installed } or { action = "none" })
    if play.again then
      check.result(result, "UP_TO_DATE")
      result = master.update { action = "none" }
    end
    check.result(result, "UP_TO_DATE")
    for name, head in pairs { session = "10 02", erase = "31 01 FF 00", download = "34", data = "36" } do
      local asked = bus.first { by = "master", head = head }
      check.equal("requests " .. head .. " (" .. name .. ")", 0, bus.count { by = "master", head = head }, asked)
    end
    check.at_least("version read", 1, bus.count { by = "master", service = 0x22, head = "22 F1 89" })
    check.that("the software is as it was", ecu.holds(installed), "every byte", "others")
    check.equal("version", "1.4.2", ecu.status().version)
    check.equal("erases", 0, ecu.operations().erases)
  end,
}
