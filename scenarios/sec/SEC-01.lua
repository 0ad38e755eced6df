-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sec/SEC-01.lua - the payload is altered while the manifest is intact. Each line of the altered
-- file has a checksum that fits: only the declared hash tells.

local function seal(line)
  local sum = 0
  for at = 3, #line - 2, 2 do
    sum = sum + tonumber(line:sub(at, at + 1), 16)
  end
  return string.format("%s%02X", line:sub(1, -3), 0xFF - sum % 256)
end

-- The data of an S2 record stands between its address and its checksum.
local FIRST = 11

local function flip(line, digit, mask)
  local value = tonumber(line:sub(digit, digit), 16) ~ mask
  return seal(string.format("%s%X%s", line:sub(1, digit - 1), value, line:sub(digit + 1)))
end

local alter = {
  bit = function(lines, at)
    lines[at] = flip(lines[at], FIRST + 6, 0x4)
  end,
  byte = function(lines, at)
    lines[at] = flip(flip(lines[at], FIRST, 0xA), FIRST + 1, 0x5)
  end,
  blocks = function(lines, at)
    local one, other = lines[at], lines[at + 1]
    lines[at] = seal(one:sub(1, FIRST - 1) .. other:sub(FIRST))
    lines[at + 1] = seal(other:sub(1, FIRST - 1) .. one:sub(FIRST))
  end,
}

case {
  id = "SEC-01", group = "SEC", priority = 1,
  title = "Payload altered",
  title_zh = "升级包内容被篡改",
  sources = { "GB 5.1.1", "GB 6.1", "R156 7.2.1.1", "UPT-verify" },
  needs = { "package_hash" },
  tags = { "security", "package" },
  plays = {
    { name = "bit-in-the-middle", alter = "bit", part = 0.5 },
    { name = "byte-near-the-end", alter = "byte", part = 0.97 },
    { name = "blocks-swapped", alter = "blocks", part = 0.3 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local lines = {}
    for line in file.read(new.name):gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    alter[play.alter](lines, math.floor(#lines * play.part))
    local altered = file.write(new.name, table.concat(lines, "\n") .. "\n")
    check.equal("length of the altered file", new.bytes, altered.bytes)
    judge.forbid("the payload is not the declared one", true)

    local result = master.update { image = new }
    check.result(result, "REFUSED", "FAILED_OLD")
    if capable("reason_code") then
      check.equal("reason", "INTEGRITY", result.reason_code)
    end
    check.equal("requests for the programming session", 0, bus.count { by = "master", service = 0x10, sub = 2 })
    check.equal("erases", 0, ecu.operations().erases)
    check.equal("software that runs", "1.0.0", ecu.status().version)
  end,
}
