-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-06.lua - how often one place of the master's storage is written in an update of 8 MB. The
-- part has no room for 8 MB: the blocks are smaller by as much as the image, so that there are as many of them.

local LARGE, BLOCK = 8 << 20, 1024 -- What is stood for.
local PAYLOAD = 32

case {
  id = "STO-06", group = "STO", priority = 2,
  title = "Write budget of progress record",
  title_zh = "进度记录的写入次数预算",
  sources = { "UPD-EEPROM", "S2 4.1.2 point (2)" },
  needs = { "persistence" },
  tags = { "storage" },
  ecu = { block_length = PAYLOAD + 2 },
  run = function()
    local bytes = LARGE // BLOCK * PAYLOAD
    local new = image { version = "2.0.0", segments = { { 0x780000, bytes } } }
    check.result(master.update { image = new, within = "6h" }, "SUCCESS")
    check.at_least("blocks", LARGE // BLOCK, bus.count { by = "master", service = 0x36 })
    local most, where = 0, "no file"
    for _, written in ipairs(store.files()) do
      if written.sector_writes > most then
        most, where = written.sector_writes, written.path
      end
    end
    check.that("writes of one place", most <= profile("NVM_WRITES"), "at most " .. profile("NVM_WRITES"),
      most .. " in " .. where)
    check.at_least("writes of the progress record", 1, most)
  end,
}
