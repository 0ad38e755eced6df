-- SPDX-License-Identifier: Apache-2.0
-- What a master does that was told no (SEQ-14 to SEQ-16, docs/explore.md).
local function conduct(last)
  local closed, voltage, locked, unerased, broken
  local programs = { [0x34] = true, [0x36] = true, [0x37] = true }
  local asks = { [0x10] = true, [0x31] = true, [0x34] = true, [0x36] = true, [0x37] = true }
  for _, message in ipairs(bus.messages { from = begun, until_ = last }) do
    local service, nrc, head = message.service, message.nrc, message.data:sub(3, 4)
    local erase = service == 0x31 and head == "\xFF\x00"
    if message.kind == "request" and message.by == "master" then
      local transfers = programs[service]
      local keeps = service == 0x3E and message.data:byte(2) == 0x80
      local goes_on = erase or transfers or service == 0x10 and message.sub == 2
      if not keeps and not goes_on and service ~= 0x27 then closed, voltage = nil, nil end
      if service == 0x27 and closed then
        broken = broken or message.at < closed + profile("SA_DLY") and message or nil
        closed = nil
      end
      if locked and (erase or transfers) then broken = broken or message end
      if unerased and (transfers or service == 0x31 and head == "\xFF\x01") then
        broken = broken or message
      end
      if voltage and goes_on then
        broken = broken or message.at < voltage + profile("T_PROBE") and message or nil
        voltage = nil
      end
    elseif service == 0x27 and message.kind == "positive" then
      locked = false
    elseif service == 0x27 and nrc == 0x35 then
      locked = true
    elseif service == 0x27 and (nrc == 0x36 or nrc == 0x37) then
      closed = message.done
    elseif asks[service] and (nrc == 0x92 or nrc == 0x93) then
      voltage = message.done
    elseif erase and message.kind == "positive" then
      unerased = #message.data > 4 and message.data:byte(5) ~= 0
    end
  end
  check.that("a no is taken for a no", not broken, "a pause, or the end", "it goes on", broken)
end
