-- SPDX-License-Identifier: Apache-2.0
-- scenarios/rbk/RBK-03.lua - a backup is damaged or gone: at least two are kept, and none is used unchecked.

-- Bytes from the middle of an image, as they are and as its file has them.
local function sample(of)
  local lines = {}
  for line in file.read(of.name):gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  local digits = lines[#lines // 2]:sub(11, -3)
  local bytes = digits:gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end)
  return { bytes, digits }
end

-- Where in the master's state folder an image lies: name, place and what is there. nil: nowhere.
local function find(of)
  for _, name in ipairs(state.list()) do
    local text = state.read(name)
    for _, piece in ipairs(sample(of)) do
      local at = text:find(piece, 1, true)
      if at then
        return name, at, text
      end
    end
  end
end

local harm = {
  altered = function(of)
    local name, at, text = find(of)
    local digit = text:byte(at) == 0x30 and "1" or "0"
    state.write(name, text:sub(1, at - 1) .. digit .. text:sub(at + 1))
  end,
  missing = function(of)
    state.remove((find(of)))
  end,
}

local function erases(from)
  return bus.count { by = "master", head = "31 01 FF 00", from = from }
end

case {
  id = "RBK-03", group = "RBK", priority = 1,
  title = "Backups: two versions, intact",
  title_zh = "备份：保留两个完好的版本",
  sources = { "S2 4.2(1)" },
  needs = { "backups" },
  tags = { "rollback", "storage" },
  plays = {
    { name = "newest-altered", harm = "altered" },
    { name = "newest-missing", harm = "missing" },
    { name = "both-altered", harm = "altered", both = true },
    { name = "ordered", harm = "altered", ordered = true },
  },
  run = function(play)
    local v1 = image { version = "1.1.0", kb = 4 }
    local v2 = image { version = "1.2.0", kb = 4 }
    local bad = image { version = "2.0.0", kb = 4, hardware = "OTHER-HW-9" } -- 31 FF01 refuses it.
    check.result(master.update { id = "first", image = v1 }, "SUCCESS")
    check.result(master.update { id = "second", image = v2 }, "SUCCESS")
    local kept = (find(v1) and 1 or 0) + (find(v2) and 1 or 0)
    if not check.at_least("versions kept", math.min(profile("BACKUPS"), 2), kept) then
      return
    end

    if play.ordered and capable("rollback") then
      harm.altered(v1)
      local from = now()
      check.result(master.update { id = "back", action = "rollback" }, "REFUSED", "FAILED_OLD", "FAILED_SAFE")
      check.equal("erases for a damaged backup", 0, erases(from))
      check.that("software that runs", ecu.holds(v2), "version 2", "other")
    elseif not play.ordered and capable("auto_rollback") then
      harm[play.harm](v2)
      if play.both then
        harm.altered(v1)
      end
      local result = master.update { id = "third", image = bad }
      local refused = bus.last { service = 0x31, head = "71 01 FF 01", until_ = result.at }
      for _, answer in ipairs(bus.messages { service = 0x31, head = "71 01 FF 01" }) do
        refused = answer.data:byte(5) ~= 0 and answer or refused
      end
      if play.both then
        check.result(result, "FAILED_SAFE")
      else
        check.result(result, "ROLLED_BACK", "FAILED_SAFE")
      end
      if result.code == "FAILED_SAFE" then
        check.equal("erases for a damaged backup", 0, erases(refused.at), refused)
      else
        check.that("image", ecu.holds(v1), "every byte of the other backup", "others")
      end
      check.that("software that runs", ecu.status().run ~= "application" or ecu.holds(v1),
        "none, or the other backup", "a damaged backup")
    end
  end,
}
