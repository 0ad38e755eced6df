-- SPDX-License-Identifier: Apache-2.0
-- scenarios/fun/FUN-01.lua - the whole flow with a large image and no fault: the control run.

-- All the part has for an application, less two kilobytes between its segments; the last segment lies
-- in a window of its own, and none ends where a block does.
local segments = {
  { 0x780000, 0x20000 - 2048 - 24 },
  { 0x7A0000, 0x20000 - 2048 },
  { 0x7C0000, 0x20000 - 2048 - 8 },
  { 0x7E0000, 0x18000 },
  { 0x7FA000, 0x2000 },
}

local function payload_of(requests)
  local bytes = 0
  for _, request in ipairs(requests) do
    bytes = bytes + request.len - 2
  end
  return bytes
end

case {
  id = "FUN-01", group = "FUN", priority = 1,
  title = "Nominal update, one ECU, multi-segment image",
  title_zh = "正常升级：单个ECU，多段镜像",
  sources = { "S1-flow", "S1-test", "S2 3.2", "S2 3.5", "S2 5(1)" },
  tags = { "control" },
  run = function()
    local new = image { version = "2.0.0", segments = segments }
    local bytes = 0
    for _, segment in ipairs(segments) do
      bytes = bytes + segment[2]
    end
    local result = master.update { image = new }
    check.result(result, "SUCCESS")
    check.equal("reports", 1, result.reports)
    local most, least = ecu.erased(new)
    check.equal("erases of a block, most", 1, most)
    check.equal("erases of a block, least", 1, least)
    local holds, address = ecu.holds(new)
    check.that("image", holds, "every byte of the image", address)
    check.equal("sum of the payload", bytes, payload_of(bus.messages { service = 0x36, kind = "request", by = "master" }))
    check.equal("application", "application", ecu.status().run)
    check.equal("version", "2.0.0", ecu.status().version)
    local last = bus.last { kind = "answer", until_ = result.at }
    check.at_most("time to the report", profile("T_RPT"), result.at - last.done, last)
  end,
}
