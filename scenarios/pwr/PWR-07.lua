-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-07.lua - the master loses its power before, in the middle of and after everything that it stores, and
-- around each block that the ECU acknowledges. Started again, it comes to its end by itself.

local PLAYS = 20
local BLOCK = 1024
local IMAGES = 8 -- In turn: each differs from the one that runs.
local KEEP = { "synced", "random", "torn", "all" }

-- All moments of an update, found in one that nothing disturbs. Only a write or a sync has a middle.
local function find_moments()
  local moments, middles, number = {}, 0, 0
  master.start { image = image { version = "1.5.0", kb = 4 }, id = "undisturbed" }
  for op in function() return store.wait { when = "after", within = profile("ERASE_MAX") } end do
    number = number + 1
    moments[#moments + 1] = { nth = number, when = "before" }
    moments[#moments + 1] = { nth = number, when = "after" }
    if (op.operation == "write" or op.operation == "sync") and op.bytes > 1 then
      middles = middles + 1
      moments[#moments + 1] = { nth = middles, when = "middle" }
    end
  end
  assert(master.wait().code == "SUCCESS")
  for n = 1, bus.count { kind = "positive", service = 0x36 } do
    moments[#moments + 1] = { block = n, sent = true }
    moments[#moments + 1] = { block = n }
  end
  return moments
end

-- Cuts the power there; false if the master came to its end before.
local function cut(moment, keep)
  if moment.nth then
    local at = store.cut_at { nth = moment.nth, when = moment.when, keep = keep, name = "cut" }:optional()
    local result = master.wait()
    at:stop()
    return result.ending == "cut" and result
  end
  local kind = moment.sent and "request" or "positive"
  if bus.wait { kind = kind, service = 0x36, nth = moment.block, within = "1min" } and master.running() then
    master.cut { keep = keep }
    return true
  end
  return false
end

local function sum(filter)
  local bytes = 0
  for _, m in ipairs(bus.messages(filter)) do
    bytes = bytes + m.len - 2
  end
  return bytes
end

-- What is bounded by what had been acknowledged when the power went.
local function check_work(new, label, begun, before, at)
  local erased = bus.first { kind = "positive", head = "71 01 FF 00", from = begun, until_ = at }
  local erases = ecu.erased(new) - before
  check.at_most("erases of a sector", erased and 1 or 2, erases)
  local again = sum { kind = "request", service = 0x36, by = "master", from = begun } - new.payload
  local whole = profile("RESUME_34") == "full" and new.segments[1][2] or BLOCK
  if erased then
    check.at_most("bytes sent again", whole, again, at)
  end
  print(label, erases, again)
end

local function play_one(moment, number)
  local new = image { version = ("2.%d.0"):format(number // PLAYS % IMAGES), kb = 4 }
  new.payload = 0
  for _, segment in ipairs(new.segments) do
    new.payload = new.payload + segment[2]
  end
  local begun, before = now(), ecu.erased(new)
  local job = { image = new, id = "campaign-" .. number }
  master.start(job)
  local was_cut = cut(moment, KEEP[number % #KEEP + 1])
  local at = now()
  local result
  if was_cut then
    wait("100ms")
    result = master.update(job)
  else
    result = master.wait()
  end
  for _ = 1, 3 do
    if result.code == "INTERRUPTED" then
      result = master.update(job)
    end
  end
  check.result(result, "SUCCESS")
  check.that("image", ecu.holds(new), true, false)
  check.equal("version", new.version, ecu.status().version)
  check.equal("reports of the end", 1, result.reports)
  check_work(new, number, begun, before, at)
  return was_cut and 1 or 0
end

local plays = {}
for i = 1, PLAYS do
  plays[i] = { name = ("part-%d"):format(i), part = i }
end

case {
  id = "PWR-07", group = "PWR", priority = 1,
  title = "Master loses power at any instant",
  title_zh = "主控在任意时刻断电",
  sources = { "S2§4.1.2 point (2)", "I-15" },
  needs = { "resume", "persistence" },
  tags = { "power", "resume", "store" },
  ecu = { block_length = BLOCK + 2 },
  plays = plays,
  run = function(play)
    local moments = find_moments()
    local points = profile("CUT_POINTS")
    local cuts = 0
    for point = play.part, points, PLAYS do
      -- Spread over all of them if there are more than points, else each several times.
      local place = #moments > points and (point - 1) * #moments // points or (point - 1) % #moments
      cuts = cuts + play_one(moments[place + 1], point)
    end
    check.at_least("cuts of the master", 1, cuts)
  end,
}
