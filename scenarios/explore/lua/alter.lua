-- SPDX-License-Identifier: Apache-2.0
-- Another first byte of data in the line in the middle, with the checksum that fits.
local function alter(text)
  local from = text:find("\n", #text // 2 + 1, true) + 1
  local line = text:match("[^\n]+", from)
  local digit = string.format("%X", tonumber(line:sub(11, 11), 16) ~ 0xA)
  local head, sum = line:sub(1, 10) .. digit .. line:sub(12, -3), 0
  for at = 3, #head, 2 do
    sum = sum + tonumber(head:sub(at, at + 1), 16)
  end
  local altered = head .. string.format("%02X", 0xFF - sum % 256)
  return text:sub(1, from - 1) .. altered .. text:sub(from + #line)
end
