-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-04.lua - the ECU loses its power in the second of four segments. The master goes on: no erase, the
-- finished segment by 34 and 37 alone, the second one from its first unconfirmed block.

local BLOCK = 128

local function long_at(data, at)
  return data:byte(at) << 24 | data:byte(at + 1) << 16 | data:byte(at + 2) << 8 | data:byte(at + 3)
end

-- The downloads from an instant on: where each begins, how long it is, and how much data it brought.
local function downloads(from)
  local list = {}
  for _, m in ipairs(bus.messages { kind = "request", by = "master", from = from }) do
    if m.service == 0x34 then
      list[#list + 1] = { at = m, address = long_at(m.data, 4), bytes = long_at(m.data, 8), data = 0 }
    elseif m.service == 0x36 and #list > 0 then
      list[#list].data = list[#list].data + m.len - 2
    elseif m.service == 0x37 and #list > 0 then
      list[#list].exit = m
    end
  end
  return list
end

local function within(list, segment)
  local found = {}
  for _, d in ipairs(list) do
    if d.address >= segment[1] and d.address < segment[1] + segment[2] then
      found[#found + 1] = d
    end
  end
  return found
end

-- The first segment was confirmed before the cut.
local function check_finished(list, segment, exit)
  local found, data = within(list, segment), 0
  for _, d in ipairs(found) do
    data = data + d.data
  end
  check.equal("data for the finished segment", 0, data, found[1] and found[1].at)
  check.equal("34 of the finished segment", 1, #found, found[1] and found[1].at)
  if #found > 0 then
    local first = found[1]
    check.equal("address and length of its 34", ("%X %d"):format(segment[1], segment[2]),
                ("%X %d"):format(first.address, first.bytes), first.at)
    check.equal("37 of the finished segment", exit.data, first.exit and first.exit.data or "none", first.at)
  end
end

-- The second one goes on where it was; a master may also send it again as a whole.
local function check_cut(list, segment, confirmed, before)
  local found = within(list, segment)
  local first = found[1]
  check.that("34 of the segment that was cut", first ~= nil, "one", "none")
  if not first then
    return
  end
  local at = first.address - segment[1]
  if first.bytes == segment[2] and profile("RESUME_34") == "full" and first.data < segment[2] then
    at = segment[2] - first.data -- Lines carry their own address: what was left out has been confirmed.
  end
  check.at_most("place of the first block after the cut", confirmed, at, first.at)
  local sent = before
  for _, d in ipairs(found) do
    sent = sent + d.data
  end
  print("resume granularity", at == 0 and "segment" or "block")
  check.at_most("bytes that were sent again", at == 0 and confirmed + BLOCK or BLOCK, sent - segment[2], first.at)
end

case {
  id = "PWR-04", group = "PWR", priority = 1,
  title = "ECU power cut while transferring",
  title_zh = "数据传输过程中ECU断电",
  sources = { "S2§4.1.2 rule (3), points (1)(2)(3)" },
  needs = { "restart", "resume" },
  tags = { "power", "resume" },
  ecu = { block_length = BLOCK + 2 },
  plays = { { name = "5%", share = 0.05 }, { name = "5%-sent", share = 0.05, sent = true },
            { name = "50%", share = 0.5 }, { name = "50%-sent", share = 0.5, sent = true },
            { name = "95%", share = 0.95 }, { name = "95%-sent", share = 0.95, sent = true } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local first, second = new.segments[1], new.segments[2]
    local blocks = math.max(1, math.floor(second[2] * play.share / BLOCK))
    master.start { image = new }
    local exit = bus.wait { kind = "request", service = 0x37, within = "5min" }
    -- Confirmed, or sent and not yet confirmed.
    bus.wait { kind = "positive", service = 0x36, nth = blocks, within = "5min" }
    if play.sent then
      bus.wait { kind = "request", service = 0x36, within = "1min" } -- Its last frame begins.
    else
      wait("300us") -- Until the frame is over.
    end
    local sent = 0
    for _, m in ipairs(bus.messages { kind = "request", service = 0x36, from = exit.at }) do
      sent = sent + m.len - 2
    end
    local cut = power.cut { for_ = "1s" }
    local result = master.wait()
    local list = downloads(cut:first_at())
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check_finished(list, first, exit)
    check_cut(list, second, blocks * BLOCK, sent)
    for i = 3, 4 do
      check.equal("34 of a later segment", 1, #within(list, new.segments[i]))
    end
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
