-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-07.lua - there is no room for a third package: the download is refused, and the two
-- known-good ones stay.

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

-- The state folder's file in which the image lies, and its content.
local function backup(of)
  for _, name in ipairs(state.list()) do
    local text = state.read(name)
    for _, piece in ipairs(sample(of)) do
      if text:find(piece, 1, true) then
        return name, text
      end
    end
  end
end

case {
  id = "STO-07", group = "STO", priority = 2,
  title = "Backups survive space pressure",
  title_zh = "空间不足时保留备份",
  sources = { "S2 4.2(1)" },
  needs = { "storage", "backups" },
  tags = { "storage", "rollback" },
  plays = {
    { name = "none-left", free = 0 },
    { name = "too-little-for-the-package", free = 12288 },
    { name = "gone-while-storing", from_write = 3 },
  },
  run = function(play)
    local v1 = image { version = "1.1.0", kb = 16 }
    local v2 = image { version = "1.2.0", kb = 16 }
    local third = image { version = "2.0.0", kb = 16 }
    check.result(master.update { id = "first", image = v1 }, "SUCCESS")
    check.result(master.update { id = "second", image = v2 }, "SUCCESS")
    local before = {}
    for i, version in ipairs { v1, v2 } do
      local _, text = backup(version)
      before[i] = text
    end
    check.equal("versions kept before", 2, #before)

    local full
    local from = now()
    if play.free then
      full = store.full { free = play.free }:optional()
      master.start { id = "third", image = third }
    else
      master.start { id = "third", image = third }
      store.wait { operation = "write", nth = play.from_write }
      full = store.full {}
    end
    local result = master.wait()
    full:stop()
    check.result(result, "REFUSED", "FAILED_OLD")
    check.equal("erases", 0, bus.count { by = "master", head = "31 01 FF 00", from = from })
    check.that("software that runs", ecu.holds(v2), "version 2", "another one")
    for i, version in ipairs { v1, v2 } do
      local name, text = backup(version)
      check.that("versions kept", name and text == before[i], "version " .. i .. " as it was", name and "changed" or "gone")
    end
    if capable("rollback") then
      check.result(master.update { id = "back", action = "rollback" }, "ROLLED_BACK")
      check.that("image", ecu.holds(v1), "every byte of version 1", "others")
    end
  end,
}
