-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-14.lua - the ECU loses its power again and again, a little later each time. Progress never shrinks.

local BLOCK = 128

local function long_at(data, at)
  return data:byte(at) << 24 | data:byte(at + 1) << 16 | data:byte(at + 2) << 8 | data:byte(at + 3)
end

-- Bytes of the image that the ECU has acknowledged at each cut; a download that begins earlier than that falls back.
local function fallback(new)
  local offset, worst, where = {}, 0, nil
  local total = 0
  for _, segment in ipairs(new.segments) do
    offset[segment[1]] = total
    total = total + segment[2]
  end
  local confirmed, at, sent, whole = 0, 0, 0, 0
  local list = bus.messages { service = 0x34, kind = "request" }
  for _, m in ipairs(bus.messages { service = 0x36 }) do
    list[#list + 1] = m
  end
  table.sort(list, function(a, b) return a.index < b.index end)
  for _, m in ipairs(list) do
    if m.kind == "request" and m.service == 0x34 then
      at = long_at(m.data, 4)
      for _, segment in ipairs(new.segments) do
        if at >= segment[1] and at < segment[1] + segment[2] then
          whole = at == segment[1] and segment[2] or 0 -- A segment may be sent again as a whole.
          at = offset[segment[1]] + at - segment[1]
          break
        end
      end
    elseif m.kind == "request" and m.service == 0x36 then
      if confirmed - at > worst and confirmed - at > whole then
        worst, where = confirmed - at, m
      end
      sent = m.len - 2
    elseif m.kind == "positive" and m.service == 0x36 then
      at = at + sent
      confirmed = math.max(confirmed, at)
    end
  end
  return worst, where
end

case {
  id = "PWR-14", group = "PWR", priority = 2,
  title = "Series of cuts",
  title_zh = "连续多次断电",
  sources = { "S2§5(3)" },
  needs = { "restart", "resume" },
  tags = { "power", "resume" },
  vehicle = "pair", -- Somebody else acknowledges the frames that the ECU does not hear.
  ecu = { block_length = BLOCK + 2 },
  run = function()
    local new = image { version = "2.0.0", kb = 8 }
    local series, total = profile("CUT_SERIES"), 0
    for _, segment in ipairs(new.segments) do
      total = total + segment[2]
    end
    local step = total // BLOCK // (series + 1)
    master.start { image = new }
    for _ = 1, series do
      if not bus.wait { kind = "positive", service = 0x36, nth = step, within = "10min" } then
        break
      end
      wait("300us") -- Until its frame is over.
      power.cut { for_ = "1s" }
    end
    local result = master.wait()
    local worst, where = fallback(new)
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check.at_most("progress that was lost", BLOCK, worst, where)
    check.that("end", result.code == "SUCCESS" or (result.code == "INTERRUPTED" and result.prompt),
               "SUCCESS, or INTERRUPTED with a prompt", result.code)
    check.that("image", result.code ~= "SUCCESS" or ecu.holds(new), true, false)
  end,
}
