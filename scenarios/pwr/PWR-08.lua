-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-08.lua - the master loses its power while it writes its progress record, or finds garbage, an old
-- copy or zeros there. It may go back to the last good record or begin anew, but never be ahead of the ECU.

local BLOCK = 128
local TEARS = 6

local function long_at(data, at)
  return data:byte(at) << 24 | data:byte(at + 1) << 16 | data:byte(at + 2) << 8 | data:byte(at + 3)
end

local function segment_of(new, address)
  for i, segment in ipairs(new.segments) do
    if address >= segment[1] and address < segment[1] + segment[2] then
      return i
    end
  end
end

-- Acknowledged bytes of each segment until an instant.
local function acknowledged(new, until_)
  local bytes, at, sent = {}, nil, 0
  for _, m in ipairs(bus.messages { until_ = until_ }) do
    if m.service == 0x34 and m.kind == "request" then
      at = segment_of(new, long_at(m.data, 4))
    elseif m.service == 0x36 and m.kind == "request" then
      sent = m.len - 2
    elseif m.service == 0x36 and m.kind == "positive" and at then
      bytes[at] = (bytes[at] or 0) + sent
    end
  end
  return bytes
end

-- Until the next erase no block is left out: not before the place where a download begins, nor by an exit without data.
local function check_place(new, before, from)
  local erase = bus.first { kind = "request", head = "31 01 FF 00", from = from }
  local list = bus.messages { kind = "request", by = "master", from = from, until_ = erase and erase.at }
  local ahead, where, segment, at = 0, nil, nil, 0
  for i, m in ipairs(list) do
    if m.service == 0x34 then
      segment = segment_of(new, long_at(m.data, 4))
      at = long_at(m.data, 4) - new.segments[segment][1]
      if list[i + 1] and list[i + 1].service == 0x37 then
        at = new.segments[segment][2] -- As if it were there as a whole.
      end
      if at > (before[segment] or 0) then
        ahead, where = at - (before[segment] or 0), m
      end
    elseif m.service == 0x36 and segment then
      at = at + m.len - 2
      before[segment] = math.max(before[segment] or 0, at)
    end
  end
  check.equal("resume ahead of the ECU", 0, ahead, where)
end

-- The next thing that the master writes: its content before and after, and the file that it ends up in.
local function next_record()
  local before = {}
  for _, name in ipairs(state.list()) do
    before[name] = state.read(name)
  end
  local write = store.wait { operation = "write", when = "after", within = "1min" }
  local old, new = before[write.path] or "", state.read(write.path)
  return { path = write.path, old = old, new = new }
end

-- A file that is written beside its place ends up under another name.
local function find_place(record)
  local op = store.wait { operation = "rename", path = record.path, when = "after", within = "100ms" }
  return op and op.to or record.path
end

-- What a torn write can leave: the new bytes up to a place, then the old ones. Only places between bytes that differ
-- make a difference; the tear is one of TEARS that are spread over them.
local function torn(record, number)
  local places = {}
  for i = 1, #record.new do
    if record.new:byte(i) ~= record.old:byte(i) then
      places[#places + 1] = i
    end
  end
  local place = places[math.max(1, (#places - 1) * number // TEARS)]
  return record.new:sub(1, place) .. record.old:sub(place + 1)
end

local DAMAGE = {
  torn = function(record, play)
    master.cut()
    state.write(record.path, torn(record, play.tear))
  end,
  garbage = function(record)
    local path = find_place(record)
    master.cut()
    store.damage { path = path, how = "garble" }
  end,
  flipped = function(record)
    local path = find_place(record)
    master.cut()
    store.damage { path = path, how = "flip", bits = 64 }
  end,
  zero = function(record)
    local path = find_place(record)
    master.cut()
    store.damage { path = path, how = "zero" }
  end,
  short = function(record)
    local path = find_place(record)
    master.cut()
    store.damage { path = path, how = "cut", offset = 100 }
  end,
  old = function(record)
    local path = find_place(record)
    local copy = state.read(path)
    bus.wait { kind = "positive", service = 0x36, nth = 6, within = "1min" }
    master.cut()
    state.write(path, copy)
  end,
}

local plays = {}
for tear = 1, TEARS do
  plays[#plays + 1] = { name = "torn-block-" .. tear, damage = "torn", service = 0x36, nth = 2, tear = tear }
  plays[#plays + 1] = { name = "torn-segment-" .. tear, damage = "torn", service = 0x37, nth = 1, tear = tear }
end
for _, damage in ipairs { "garbage", "flipped", "zero", "short", "old" } do
  plays[#plays + 1] = { name = damage, damage = damage, service = 0x36, nth = 5 }
end

case {
  id = "PWR-08", group = "PWR", priority = 1,
  title = "Torn progress record",
  title_zh = "进度记录写入时断电损坏",
  sources = { "I-16", "I-17" },
  needs = { "persistence" },
  tags = { "power", "resume", "store" },
  ecu = { block_length = BLOCK + 2 },
  plays = plays,
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    master.start { image = new }
    bus.wait { kind = "request", service = play.service, nth = play.nth, within = "5min" }
    local record = next_record()
    DAMAGE[play.damage](record, play)
    local from, before = now(), acknowledged(new, now())
    wait("1s")
    local result = master.update { image = new }
    check_place(new, before, from)
    check.equal("ending", "exited", result.ending)
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
  end,
}
