-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-04.lua - the ECU's flash is worn: what its ECC corrects does no harm, what it does not is
-- tried again so often, and never a success while the fault lasts.

local BAD = 0x781000 -- In the second segment.

local faults = {
  -- After the check of the segment, which this ECU's bootloader makes more strictly than ECC would.
  ["one-bit-at-rest"] = function()
    bus.wait { service = 0x37, kind = "positive", nth = 2 }
    flash.flip { address = BAD + 0x100, bits = 1 }
  end,
  -- Once the segment is written, and before its check.
  ["two-bits-at-rest"] = function()
    bus.wait { by = "master", service = 0x37, nth = 2 }
    flash.flip { address = BAD + 0x100, bits = 2 }
  end,
  ["two-bits-each-time"] = function()
    flash.flip { moment = "program", address = BAD + 0x100, bits = 2 }
  end,
  ["program-fails"] = function()
    flash.fail { address = BAD, bytes = 1024, operation = "program" }
  end,
  ["erase-fails"] = function()
    flash.fail { address = BAD, bytes = 1024, operation = "erase" }
  end,
}

-- The report says where: by the segment's number, or by an address in it.
local function check_place(reason)
  local address = tonumber(reason:match("0x(%x+)") or "0", 16)
  local place = reason:find("segment 2", 1, true) or (address >= BAD and address < BAD + 2048)
  check.that("place of the failure", place, "segment 2, or an address in it", reason)
end

case {
  id = "STO-04", group = "STO", priority = 2,
  title = "Flash wear, bad block, ECC in the ECU",
  title_zh = "ECU闪存磨损、坏块与ECC错误",
  sources = { "S1-NXP (flash features)" },
  tags = { "storage", "flash" },
  plays = {
    { name = "one-bit-at-rest", lasts = "not at all" },
    { name = "two-bits-at-rest", lasts = "once" },
    { name = "two-bits-each-time", place = true },
    { name = "program-fails", place = true },
    { name = "erase-fails" },
  },
  run = function(play)
    local new = image { version = "2.0.0", segments = { { 0x780000, 2048 }, { BAD, 2048 }, { 0x783000, 2048 } } }
    master.start { image = new }
    faults[play.name]()
    local result = master.wait("1h")
    if play.lasts == "not at all" then
      check.result(result, "SUCCESS")
    elseif play.lasts == "once" then
      check.result(result, "SUCCESS", "FAILED_SAFE", "FAILED_OLD", "ROLLED_BACK")
      check.at_least("negative answers of the ECU", 1, bus.count { nrc = 0x72 } + bus.count { kind = "positive", head = "71 01 FF 01 01" })
    else
      check.result(result, "FAILED_SAFE", "FAILED_OLD", "ROLLED_BACK")
    end
    if result.code == "SUCCESS" then
      check.that("image", ecu.holds(new), "every byte of the image", "others")
    elseif capable("failure_detail") then
      check.that("service", result.sid == 0x36 or result.sid == 0x37 or result.sid == 0x31, "36, 37 or 31",
        ("%02X"):format(result.sid))
    end
    check.at_most("starts from the erase", 1 + profile("R_UPD"), bus.count { by = "master", head = "31 01 FF 00" })
    if play.place and capable("failure_place") then
      check_place(result.reason)
    end
  end,
}
