-- SPDX-License-Identifier: Apache-2.0
-- scenarios/stb/STB-04.lua - flash that needs all the time that its maker allows it.

-- A block of 256 KB: erase 884 ms typically and 4000 ms at most, program 552 and 4000 ms. A command here
-- works on a share of it: a sector of 1 KB, a phrase of 8 bytes.
local SECTORS, PHRASES = 256, 256 * 1024 / 8
local function share(ms, parts)
  return ("%dns"):format(math.floor(ms * 1e6 / parts))
end

case {
  id = "STB-04", group = "STB", priority = 1,
  title = "Slowest legal flash",
  title_zh = "最慢合法Flash",
  sources = { "S1-flashtime" },
  plays = {
    { name = "typical", erase = share(884, SECTORS), program = share(552, PHRASES) },
    { name = "maximum", erase = share(4000, SECTORS), program = share(4000, PHRASES) },
    { name = "the-parts-own-maximum", ecu = { flash_timing = "maximum" } },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    if play.erase then
      flash.slow { operation = "erase", takes = play.erase }
      flash.slow { operation = "program", takes = play.program }
    end
    local result = master.update { image = new, within = "1h" }
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), "every byte of the image", "others")
    check.equal("erase requests", 1, bus.count { by = "master", head = "31 01 FF 00" })
    local blocks = bus.count { service = 0x36, kind = "positive" }
    check.equal("transfer requests", blocks, bus.count { by = "master", service = 0x36, kind = "request" })
    check.equal("erases of a sector", 1, (ecu.erased(new)))
  end,
}
