-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-05.lua - the master's record of installed versions is damaged or wrong: the ECU is asked,
-- and the record put right.

-- The files that say which version which ECU has.
local function records(version)
  local found = {}
  for _, name in ipairs(state.list()) do
    local text = state.read(name)
    if text:find(version, 1, true) and text:find("bcm", 1, true) then
      found[#found + 1] = name
    end
  end
  return found
end

local harm = {
  zeroed = function(name, text)
    state.write(name, ("\0"):rep(#text))
  end,
  flipped = function(name, text)
    local bytes = { text:byte(1, -1) }
    for _ = 1, 8 do
      local at = math.random(#bytes)
      bytes[at] = bytes[at] ~ (1 << math.random(0, 7))
    end
    state.write(name, string.char(table.unpack(bytes)))
  end,
  lost = function(name)
    state.remove(name)
  end,
  -- The record says that something else is installed.
  ["says-new"] = function(name, text)
    state.write(name, (text:gsub("1%.1%.0", "2.0.0")))
  end,
  ["says-old"] = function(name, text)
    state.write(name, (text:gsub("2%.0%.0", "1.1.0")))
  end,
}

case {
  id = "STO-05", group = "STO", priority = 2,
  title = "Corrupt installed-version database",
  title_zh = "已安装版本数据库损坏",
  sources = { "S1 (data mismatch MES/OTA)" },
  needs = { "inventory" },
  tags = { "storage" },
  plays = {
    { name = "zeroed" }, { name = "flipped" }, { name = "lost" }, { name = "says-new" },
    { name = "says-old", has_new = true },
  },
  run = function(play)
    local old = image { version = "1.1.0", kb = 4 }
    local new = image { version = "2.0.0", kb = 4 }
    local first = play.has_new and new or old
    check.result(master.update { id = "first", image = first }, "SUCCESS")
    local names = records(first.version)
    check.at_least("records of the installed version", 1, #names)
    for _, name in ipairs(names) do
      harm[play.name](name, state.read(name))
    end

    local from = now()
    local result = master.update { id = "second", image = new }
    check.result(result, play.has_new and "UP_TO_DATE" or "SUCCESS")
    if play.has_new then
      check.equal("erases", 0, bus.count { by = "master", head = "31 01 FF 00", from = from })
    end
    check.that("image", ecu.holds(new), "every byte of the image", "others")
    local answer = bus.first { service = 0x22, kind = "positive", head = "62 F1 89", from = from }
    local session = bus.first { by = "master", service = 0x10, from = from }
    local decided = session and session.at or result.at
    check.that("version read before the decision", answer and answer.at < decided, "a 62 F189 before it",
      answer and answer.at or "none", session)
    check.at_least("records put right", #names, #records("2.0.0"))
    check.equal("records that do not have the version", #records(""), #records("2.0.0"))
  end,
}
