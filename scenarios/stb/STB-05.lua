-- SPDX-License-Identifier: Apache-2.0
-- scenarios/stb/STB-05.lua - how fast the master is where nothing but the bus holds it up.

case {
  id = "STB-05", group = "STB", priority = 2,
  title = "Time and throughput",
  title_zh = "升级耗时与吞吐率",
  sources = { "R156 7.2.2.2(c)", "DB50" },
  ecu = { block_length = 4095 },
  run = function()
    local new = image { version = "2.0.0", kb = 64 }
    -- The rate of the bus is asked for, not that of the flash.
    flash.slow { operation = "program", takes = "1us" }
    flash.slow { operation = "erase", takes = "1us" }
    local result = master.update { image = new }
    check.result(result, "SUCCESS")
    local bytes = 0
    for _, segment in ipairs(new.segments) do
      bytes = bytes + segment[2]
    end
    local first, last = bus.first { service = 0x34, kind = "request" }, bus.last { service = 0x37, kind = "positive" }
    check.at_least("net rate of the transfer", profile("RATE_MIN"), bytes / (last.done - first.at), last)
  end,
}
