-- SPDX-License-Identifier: Apache-2.0
-- scenarios/pwr/PWR-15.lua - after an interruption one bit of what is sent is another one, and the declared check sum
-- is as before: in the file, in the master's storage, or on the way into the flash. The ECU's check at 37 decides.

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
  flight = function()
    flash.flip { moment = "in flight", operation = "program", mask = 0x10, nth = 3, name = "one bit on the way" }
  end,
}

local function check_no_use_of_bad()
  local bad, used
  for _, m in ipairs(bus.messages {}) do
    if m.service == 0x37 and m.kind ~= "request" then
      bad = m.kind == "negative" and m or nil
    elseif m.kind == "request" and m.by == "master" and m.data:sub(1, 4) == "\x31\x01\xFF\x01" and bad then
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
  plays = { { name = "file" }, { name = "store" }, { name = "flight" } },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    master.start { image = new }
    bus.wait { kind = "request", service = 0x37, within = "5min" }
    bus.wait { kind = "positive", service = 0x36, nth = 2, within = "1min" }
    master.cut()
    wait("1s")
    CHANGES[play.name](new)
    local result = master.update { image = new }
    check_no_use_of_bad()
    local whole = ecu.holds(new)
    check.that("report", result.code ~= "SUCCESS" or whole, "SUCCESS only with the declared image", result.code)
  end,
}
