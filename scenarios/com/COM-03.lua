-- SPDX-License-Identifier: Apache-2.0
-- COM-03: the ECU has written a block, and its answer is lost. The block comes again as it was, and is not written again.

local BLOCK = 130 -- With service and counter.

-- How many blocks the first segments of an image take.
local function blocks_of(new, segments)
  local count = 0
  for i = 1, segments do
    count = count + math.ceil(new.segments[i][2] / (BLOCK - 2))
  end
  return count
end

case {
  id = "COM-03", group = "COM", priority = 1,
  title = "0x36 response lost after the ECU wrote",
  title_zh = "ECU 写入后 0x36 应答丢失",
  sources = { "ISO 14229-1, 0x36 (by way of public restatements)", "NRC 0x73", "paper 4.1.1" },
  needs = { "resend" },
  tags = { "loss", "resend", "transfer" },
  ecu = { block_length = BLOCK },
  plays = {
    { name = "first", nth = 1 },
    { name = "middle", nth = 9 },
    { name = "last-of-a-segment", segments = 1 },
    { name = "last", segments = 4 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local nth = play.nth or blocks_of(new, play.segments)
    local lost = bus.lose { service = 0x36, kind = "positive", nth = nth }
    check.result(master.update { image = new }, "SUCCESS")
    local before = bus.last { service = 0x36, kind = "request", by = "master", until_ = lost:first_at() }
    local again = bus.first { service = 0x36, kind = "request", by = "master", from = lost:first_at() }
    check.equal("bytes of the resend", before.data, again and again.data, again)
    local most, least = ecu.written(new)
    check.equal("writes of an address", 1, most)
    check.equal("no address left out", 1, least)
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
