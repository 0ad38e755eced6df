-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-13.lua - between the loss of the master's power and its next life the ECU is replaced, or the
-- package is another one. Progress belongs to a pair of both: it is dropped.

local function as_bytes(did, text)
  return ("22 F1 %02X"):format(did):gsub("22", "62") .. " " .. text:gsub(".", function(c) return ("%02X "):format(c:byte()) end)
end

local SWAPS = {
  serial = function() ecu.answer { service = 0x22, did = 0xF18C, data = as_bytes(0x8C, "LH-777777") } end,
  hardware = function() ecu.answer { service = 0x22, did = 0xF191, data = as_bytes(0x91, "BCM-HW-7") } end,
  package = function() return image { version = "3.0.0", kb = 8 } end,
}

case {
  id = "PWR-13", group = "PWR", priority = 2,
  title = "Resume on another ECU or with another package",
  title_zh = "更换ECU或升级包后的续传",
  sources = { "UPD (ECU replacement)", "I-26", "I-27" },
  needs = { "persistence" },
  tags = { "power", "resume" },
  ecu = { block_length = 258 },
  plays = { { name = "serial" }, { name = "hardware" }, { name = "package" } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    master.start { image = new }
    bus.wait { kind = "request", service = 0x37, within = "5min" }
    bus.wait { kind = "positive", service = 0x36, nth = 4, within = "1min" }
    master.cut()
    local from = now()
    local other = SWAPS[play.name]() or new
    wait("6s")
    local result = master.update { image = other }
    local download = bus.first { kind = "request", service = 0x34, from = from }
    local erase = bus.first { kind = "request", head = "31 01 FF 00", from = from }
    check.that("erase before the first download", not download or (erase and erase.at < download.at),
               "31 FF00, then 34, or none of both", erase and "34 first" or "no erase", download)
    check.equal("data before the erase", 0, bus.count { kind = "request", service = 0x36, from = from, until_ = erase and erase.at })
    check.result(result, "SUCCESS", "REFUSED", "INTERRUPTED", "FAILED_SAFE")
    if result.code == "SUCCESS" then
      check.that("image", ecu.holds(other), true, false)
    end
  end,
}
