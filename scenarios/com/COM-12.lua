-- SPDX-License-Identifier: Apache-2.0
-- scenarios/com/COM-12.lua - the ECU tells how many frames it takes at once, and how far apart.

-- What the codes of STmin mean in seconds (ISO 15765-2): what is reserved is 127 ms.
local codes = { 0, 5, 20, 0x7F, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0x80, 0xFA }
local function st_min_s(code)
  if code >= 0xF1 and code <= 0xF9 then
    return (code - 0xF0) / 10000
  end
  return math.min(code, 127) / 1000
end

-- The gap runs from the end of a frame to the begin of the next; a full frame takes the bus for at least
-- its bits without stuffing.
local FRAME_S = (44 + 64) / 500000

-- Walks through one message: what was allowed when, and what the master made of it.
local function check_message(request)
  local gap, block, count, before = 0, 0, 0, nil
  local too_early, too_many
  local frames = bus.frames { ecu = "bcm", from = request.at, until_ = request.done + 1e-6 }
  for _, frame in ipairs(frames) do
    if frame.part == "flow" and frame.way == "answer" then
      -- What lies between blocks is the time of the flow control, not STmin.
      gap, block, count, before = st_min_s(frame.st_min), frame.block_size, 0, nil
    elseif frame.part == "consecutive" and frame.way == "request" then
      count = count + 1
      if block > 0 and count > block then
        too_many = too_many or frame
      end
      if before and frame.at - before.at < gap + FRAME_S - 1e-9 then
        too_early = too_early or { frame = frame, gap = frame.at - before.at - FRAME_S, least = gap }
      end
      before = frame
    end
  end
  check.that("frames of a block", too_many == nil, "as many as the block size", "more", too_many or request)
  check.that("gap", too_early == nil, (too_early or {}).least, (too_early or {}).gap, (too_early or {}).frame or request)
end

case {
  id = "COM-12", group = "COM", priority = 1,
  title = "ISO-TP: block size and STmin obeyed",
  title_zh = "ISO-TP：遵守块大小（BS）与最小间隔（STmin）",
  sources = { "KB-TP" },
  ecu = { block_length = 2050 },
  plays = {
    { name = "block-size-0", block = 0 },
    { name = "block-size-1", block = 1 },
    { name = "block-size-8", block = 8 },
    { name = "block-size-255", block = 255 },
    { name = "changed-between-blocks" },
    { name = "longest-message", block = 0, only = 0x7F, ecu = { block_length = 4095 } },
  },
  run = function(play)
    local kb = play.block and not play.only and 32 or 8
    local new = image { version = "2.0.0", segments = { { 0x780000, kb * 1024 } } }
    if play.only then
      ecu.flow { service = 0x36, block_size = play.block, st_min = play.only }
    elseif play.block then
      for i, code in ipairs(codes) do
        ecu.flow { service = 0x36, block_size = play.block, st_min = code, nth = i, name = ("%02X"):format(code) }
      end
    else
      ecu.flow { service = 0x36, block_size = { 8, 1, 17, 255 }, st_min = { 0, 20, 0xF5, 5 } }
    end
    local result = master.update { image = new, within = "1h" }
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), "every byte of the image", "others")
    local blocks = bus.messages { by = "master", service = 0x36, kind = "request" }
    for _, request in ipairs(blocks) do
      check_message(request)
    end
    check.equal("resends", bus.count { service = 0x36, kind = "positive" }, #blocks)
  end,
}
