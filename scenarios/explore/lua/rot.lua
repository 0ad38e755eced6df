-- SPDX-License-Identifier: Apache-2.0
-- A bit of the image flips in each file of the state folder that holds it, once the ECU is asked for
-- its programming session.
local function rot(of)
  local text = file.read(of.name)
  local digits = text:match("S2[^\n]+", text:find("\n", #text // 2, true)):sub(11, -3)
  local bytes = digits:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end)
  bus.wait { by = "master", service = 0x10, sub = 2, kind = "request", within = "1min" }
  for _, name in ipairs(state.list()) do
    local held = state.read(name)
    local at = held:find(bytes, 1, true) or held:find(digits, 1, true)
    if at then store.damage { path = name, how = "flip", offset = at + 15, bit = 2 } end
  end
end
