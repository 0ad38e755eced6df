-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-03.lua - the ECU loses its power while it erases; the master never sees the 71. An erase that
-- was not confirmed is no erase.

-- How many sectors an erase takes, seen in an update that nothing disturbs.
local function sectors_of_an_erase()
  assert(master.update { image = image { version = "1.5.0", kb = 4 }, id = "before" }.code == "SUCCESS")
  return ecu.operations().erases
end

case {
  id = "PWR-03", group = "PWR", priority = 1,
  title = "ECU power cut while erasing",
  title_zh = "擦除过程中ECU断电",
  sources = { "S2§4.1.2" },
  needs = { "restart" },
  tags = { "power", "resume" },
  plays = { { name = "10%", share = 0.1 }, { name = "50%", share = 0.5 }, { name = "90%", share = 0.9 } },
  run = function(play)
    local sectors = sectors_of_an_erase()
    local new = image { version = "2.0.0", kb = 4 }
    local before, misuse = ecu.erased(new), ecu.operations().misuse
    local begun = now()
    local cut = power.cut_at { operation = "erase", nth = math.max(1, math.ceil(sectors * play.share)), permille = 500 }
    local result = master.update { image = new }
    local erases = bus.count { kind = "request", head = "31 01 FF 00", from = begun }
    local download = bus.first { kind = "request", service = 0x34, from = begun }
    local again = bus.first { kind = "request", head = "31 01 FF 00", from = cut:first_at() }
    check.at_least("erase requests", 2, erases)
    check.that("erase before the download", again and download and again.at < download.at, "31 FF00, then 34",
               not again and "no erase" or not download and "no 34" or "34 first", download or again)
    check.at_most("erases of a sector", 2, ecu.erased(new) - before)
    check.equal("data for cells that are not erased", 0, ecu.operations().misuse - misuse)
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
