-- SPDX-License-Identifier: Apache-2.0
-- scenarios/com/COM-11.lua - the ECU announces long blocks, and then has no room for them.

-- Requests that were refused, and how long each was.
local function refused_blocks()
  local refused = {}
  for _, request in ipairs(bus.messages { by = "master", service = 0x36, kind = "request" }) do
    local overflow = bus.frames { part = "flow", way = "answer", status = "overflow", from = request.at }[1]
    local next = bus.first { by = "master", service = 0x36, kind = "request", from = request.at + 0.0001 }
    if overflow and (next == nil or overflow.at < next.at) then
      refused[#refused + 1] = request
    end
  end
  return refused
end

-- The longest row of refused requests of one length. A transfer that was begun anew may ask again.
local function longest_row(refused)
  local longest, row = 0, 0
  for i, request in ipairs(refused) do
    local before = refused[i - 1]
    local goes_on = before and before.len == request.len and
      bus.first { by = "master", service = 0x34, from = before.at, until_ = request.at } == nil
    row = goes_on and row + 1 or 1
    longest = math.max(longest, row)
  end
  return longest
end

case {
  id = "COM-11", group = "COM", priority = 1,
  title = "ISO-TP: flow control overflow",
  title_zh = "ISO-TP：流控溢出（OVFLW）",
  sources = { "KB-TP" },
  plays = {
    { name = "half-the-buffer", fault = { len_min = 515 } },
    { name = "small-buffer-ecu", quirk = { buffer = 258, waits = 1, wait = "20ms", block_size = 8, st_min = 1 } },
    { name = "one-block", fault = { skip = 1, times = 1 } },
    { name = "every-block", fault = {} },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 12 }
    if play.quirk then
      ecu.quirk("Q8", play.quirk)
    else
      play.fault.service, play.fault.overflow = 0x36, true
      ecu.flow(play.fault)
    end
    local result = master.update { image = new, within = "30min" }
    local refused = refused_blocks()
    check.at_least("refused", 1, #refused)
    for _, request in ipairs(refused) do
      check.equal("frames after the overflow", 0, #bus.frames { message = request.index, part = "consecutive" }, request)
    end
    check.at_most("the same length in a row", 2, longest_row(refused), refused[1])
    local last = bus.last { by = "master", service = 0x36, kind = "request" }
    check.that("shorter blocks or no success",
      play.name == "one-block" or last.len < refused[1].len or result == nil or result.code ~= "SUCCESS",
      "less than " .. refused[1].len .. " bytes", last.len .. " bytes", last)
    if play.name == "every-block" then
      check.that("TERM", result ~= nil and result.code ~= "SUCCESS", "no success", result and result.code)
    end
  end,
}
