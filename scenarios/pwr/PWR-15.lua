-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-15.lua - after an interruption one bit of what is sent is another one, and the declared check sum
-- is as before: in the file, in the master's storage, or on the way to the ECU. The ECU's check at 37 decides.

-- Another bit in the last data byte of a line of the file; the line's own check sum is made to fit.
local function altered(new)
  local lines, changed = {}, false
  for line in file.read(new.name):gmatch("[^\r\n]+") do
    if not changed and line:match("^S[23]") and #lines > 8 then
      local count = tonumber(line:sub(3, 4), 16)
      local bytes, sum = {}, count
      for i = 5, 2 + 2 * count, 2 do
        bytes[#bytes + 1] = tonumber(line:sub(i, i + 1), 16)
      end
      bytes[#bytes] = bytes[#bytes] ~ 0x10
      local text = ""
      for _, byte in ipairs(bytes) do
        sum = sum + byte
        text = text .. ("%02X"):format(byte)
      end
      line, changed = ("%s%02X%s%02X"):format(line:sub(1, 2), count, text, ~sum & 0xFF), true
    end
    lines[#lines + 1] = line
  end
  assert(changed, "the image has no line to alter")
  return file.write(new.name, table.concat(lines, "\n") .. "\n")
end

-- The largest file that the master keeps: its copy of the package, if it keeps one.
local function largest()
  local best, size = nil, 0
  for _, name in ipairs(state.list()) do
    local text = state.read(name)
    if text and #text > size then
      best, size = name, #text
    end
  end
  return best, size
end

local CHANGES = {
  file = function(new) altered(new) end,
  store = function()
    local path, size = largest()
    if path then
      store.damage { path = path, offset = size // 2, bit = 4 }
    end
  end,
  wire = function()
    bus.change { way = "request", service = 0x36, part = "consecutive", index = 3, set_frame = { [4] = { flip = 0x10 } },
                 times = 1, name = "one bit on the way" }
  end,
}

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

case {
  id = "PWR-15", group = "PWR", priority = 1,
  title = "One bit changed after a resume",
  title_zh = "续传后数据单比特变化",
  sources = { "S2§5(4), §4.1.2 point (4)" },
  needs = { "persistence", "resume" },
  tags = { "power", "resume", "integrity" },
  ecu = { block_length = 258 },
  plays = { { name = "file" }, { name = "store" }, { name = "wire" } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    master.start { image = new }
    bus.wait { kind = "request", service = 0x37, within = "5min" }
    bus.wait { kind = "positive", service = 0x36, nth = 2, within = "1min" }
    master.cut()
    wait("1s")
    CHANGES[play.name](new)
    local result = master.update { image = new }
    check_no_use_of_bad(new)
    local whole = ecu.holds(new)
    check.that("report", result.code ~= "SUCCESS" or whole, "SUCCESS only with the declared image", result.code)
  end,
}
