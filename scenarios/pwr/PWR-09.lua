-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-09.lua - the ECU had acknowledged blocks that its power cut takes away: the record of the master is
-- ahead of the flash. The check of 37 tells; the segment is sent again.

local function segment_of(new, m)
  local address = m.data:byte(4) << 24 | m.data:byte(5) << 16 | m.data:byte(6) << 8 | m.data:byte(7)
  for i, segment in ipairs(new.segments) do
    if address >= segment[1] and address < segment[1] + segment[2] then
      return i
    end
  end
end

-- The check of dependencies while the last 37 of some segment was refused.
local function check_no_use_of_bad(new)
  local list, bad, at, used = bus.messages { service = 0x34 }, {}, nil, nil
  for _, m in ipairs(bus.messages { service = 0x37 }) do
    list[#list + 1] = m
  end
  for _, m in ipairs(bus.messages { kind = "request", by = "master", head = "31 01 FF 01" }) do
    list[#list + 1] = m
  end
  table.sort(list, function(a, b) return a.index < b.index end)
  for _, m in ipairs(list) do
    if m.service == 0x34 then
      at = m.kind == "request" and segment_of(new, m) or at
    elseif m.service == 0x37 and m.kind ~= "request" and at then
      bad[at] = m.kind == "negative" or nil
    elseif m.service == 0x31 and next(bad) then
      used = used or m
    end
  end
  check.that("31 FF01 after a negative 37", used == nil, "none", "sent", used)
end

local plays = {}
for _, lost in ipairs { 1, 2, 4 } do
  plays[#plays + 1] = { name = "lost-" .. lost, lost = lost }
end

case {
  id = "PWR-09", group = "PWR", priority = 1,
  title = "ECU lost what it acknowledged",
  title_zh = "ECU丢失已确认的数据",
  sources = { "S2§4.1.2 points (3)(4)" },
  needs = { "restart", "resume" },
  tags = { "power", "resume" },
  vehicle = "pair", -- Somebody else acknowledges the frames that the ECU does not hear.
  ecu = { block_length = 130 },
  plays = plays,
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    ecu.quirk("Q7", { blocks = play.lost })
    master.start { image = new }
    bus.wait { kind = "request", service = 0x37, within = "5min" }
    bus.wait { kind = "positive", service = 0x36, nth = 6, within = "1min" }
    wait("300us") -- Until its frame is over.
    power.cut { for_ = "1s" }
    local result = master.wait()
    check_no_use_of_bad(new)
    check.that("report", result.code ~= "SUCCESS" or ecu.holds(new), "SUCCESS only with the whole image", result.code)
  end,
}
