-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-03.lua - bits of the stored package flip after it was verified: what is not the package
-- must never run.

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

-- The files of the master's state folder in which the image lies, and where.
local function copies(of)
  local found = {}
  for _, name in ipairs(state.list()) do
    local text = state.read(name)
    for _, piece in ipairs(sample(of)) do
      local at = text:find(piece, 1, true)
      found[#found + 1] = at and { name = name, offset = at - 1, bytes = #piece } or nil
    end
  end
  return found
end

local function flip_copies(of, bits)
  local found = copies(of)
  assert(#found > 0, "no file of the state folder holds the image as it is: this master cannot be played here")
  for _, copy in ipairs(found) do
    for i = 1, bits do
      store.damage { path = copy.name, how = "flip", bit = math.random(0, 2),
        offset = copy.offset + (i - 1) * (copy.bytes // bits) + math.random(0, copy.bytes // bits - 1) }
    end
  end
end

local function flip_package(of, bits)
  local text = file.read(of.name)
  local digits = sample(of)[2]
  local at = text:find(digits, 1, true)
  for i = 1, bits do
    local place = at + (i - 1) * (#digits // bits) + math.random(0, #digits // bits - 1)
    local value = tonumber(text:sub(place, place), 16) ~ (1 << math.random(0, 3))
    text = string.format("%s%X%s", text:sub(1, place - 1), value, text:sub(place + 1))
  end
  file.write(of.name, text)
end

case {
  id = "STO-03", group = "STO", priority = 1,
  title = "Bit flip in stored package after verification",
  title_zh = "校验后存储的升级包发生位翻转",
  sources = { "S2 5(4) analogue", "R156 7.2.1.1" },
  needs = { "package_recheck" },
  tags = { "storage", "package" },
  plays = {
    { name = "copy-1-bit", at = { service = 0x10, sub = 3 }, bits = 1, copy = true },
    { name = "copy-2-bits", at = { service = 0x10, sub = 2 }, bits = 2, copy = true },
    { name = "copy-3-bits-at-the-key", at = { service = 0x27, sub = 2 }, bits = 3, copy = true },
    { name = "package-1-bit", at = { service = 0x10, sub = 3 }, bits = 1 },
    { name = "package-3-bits", at = { service = 0x10, sub = 2 }, bits = 3 },
    { name = "both", at = { service = 0x10, sub = 2 }, bits = 2, copy = true, package = true },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local whole = file.write("whole.s19", file.read(new.name))
    master.start { image = new }
    bus.wait { by = "master", service = play.at.service, sub = play.at.sub, kind = "request" }
    if play.copy and capable("storage") then
      flip_copies(new, play.bits)
    end
    if play.package or not play.copy then
      flip_package(new, play.bits)
    end
    local result = master.wait()
    check.result(result, "SUCCESS", "REFUSED", "CANCELLED", "INTERRUPTED", "FAILED_OLD", "FAILED_SAFE")
    local runs = ecu.status().run == "application"
    local installed = ecu.holds((whole.path:gsub("whole.s19$", "installed.s19")))
    check.that("activations of a bad image", not runs or installed or ecu.holds(whole), "the package, the old software, or none",
      "a damaged image runs")
    if result.code == "SUCCESS" then
      check.that("image", ecu.holds(whole), "every byte of the package", "others")
    elseif capable("reason_code") then
      check.equal("reason", "INTEGRITY", result.reason_code)
    end
  end,
}
