-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-02.lua - the ECU loses its power in the programming session, before anything is erased: the
-- original flow, with its erase.

case {
  id = "PWR-02", group = "PWR", priority = 1,
  title = "ECU power cut in programming, before erase",
  title_zh = "编程会话中擦除之前ECU断电",
  sources = { "S2§4.1.2 rule (3) first half" },
  needs = { "restart" },
  tags = { "power", "resume" },
  plays = { { name = "after-10-02", head = "50 02" }, { name = "after-27", head = "67 02" } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    master.start { image = new }
    bus.wait { kind = "positive", head = play.head, within = "5min" }
    wait("300us") -- Until its frame is over.
    local cut = power.cut { for_ = "1s" }
    local result = master.wait()
    local erase = bus.first { kind = "request", head = "31 01 FF 00", from = cut:first_at() }
    local download = bus.first { kind = "request", service = 0x34, from = cut:first_at() }
    check.that("erase before the download", erase and download and erase.at < download.at,
               "31 FF00, then 34", not erase and "no erase" or not download and "no 34" or "34 first", download or erase)
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
