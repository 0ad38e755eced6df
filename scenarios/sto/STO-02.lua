-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-02.lua - the ECU has no room for the image: seen before the erase where that can be seen,
-- else the way back or a safe state.

local THIRD = 0x7A0000 -- Where no other image of this case has a segment.

case {
  id = "STO-02", group = "STO", priority = 2,
  title = "ECU memory too small",
  title_zh = "ECU存储空间不足",
  sources = { "S1 (part differences, space)", "KB-NRC" },
  tags = { "storage" },
  plays = {
    { name = "size-known" },
    { name = "34-out-of-range", nrc = 0x31 },
    { name = "34-not-accepted", nrc = 0x70 },
    { name = "34-not-accepted-with-backup", nrc = 0x70, backup = true },
  },
  run = function(play)
    if play.nrc == nil then
      local large = image { version = "2.0.0", segments = { { 0x780000, 4096 }, { 0x7F7000, 8192 } } }
      judge.forbid("the image does not fit the ECU", true)
      if capable("image_windows") then
        check.result(master.update { image = large }, "REFUSED", "FAILED_OLD")
        check.equal("software that runs", "1.0.0", ecu.status().version)
      end
      check.equal("erases", 0, bus.count { by = "master", head = "31 01 FF 00" })
      return
    end
    if play.backup then
      check.result(master.update { id = "first", image = image { version = "1.1.0", kb = 4 } }, "SUCCESS")
    end
    local new = image { version = "2.0.0", segments = { { 0x780000, 2048 }, { 0x790000, 2048 }, { THIRD, 1024 } } }
    ecu.answer { service = 0x34, bytes = { [4] = THIRD >> 16 & 0xFF }, nrc = play.nrc }
    local from = now()
    local result = master.update { id = "second", image = new, within = "30min" }
    check.result(result, "FAILED_OLD", "FAILED_SAFE", "ROLLED_BACK")
    if capable("failure_detail") then
      check.equal("service", 0x34, result.sid)
      check.equal("response code", play.nrc, result.nrc)
    end
    check.between("requests of this 34", 1, 2,
      bus.count { by = "master", service = 0x34, head = "34 00 44 00 7A 00 00", from = from })
    local status = ecu.status()
    check.that("software that runs", status.run ~= "application" or status.version ~= "2.0.0", "not the new one", "2.0.0")
  end,
}
