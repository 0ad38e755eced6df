-- SPDX-License-Identifier: Apache-2.0
-- COM-04: a block does not reach the ECU, or only in part. It comes again, once, before the next one.

-- Of the lost block there may be no more than its first frame.
local function is_again(block, gone)
  return block ~= nil and block.data:sub(1, #gone.data) == gone.data
end

case {
  id = "COM-04", group = "COM", priority = 1,
  title = "0x36 request lost",
  title_zh = "0x36 请求丢失",
  sources = { "ISO 14229-1, 0x36 (by way of public restatements)" },
  needs = { "resend" },
  tags = { "loss", "resend", "transfer" },
  plays = {
    { name = "whole", lose = { whole = true } },
    { name = "first-frame", lose = { part = "first" } },
    { name = "first-consecutive-frame", lose = { part = "consecutive", index = 1 } },
    { name = "frame-in-the-middle", lose = { part = "consecutive", index = 10 } },
    { name = "last-frame", lose = { part = "last" } },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    play.lose.service, play.lose.way, play.lose.nth = 0x36, "request", 3
    local lost = bus.lose(play.lose)
    local result = master.update { image = new }
    local gone = bus.last { service = 0x36, kind = "request", by = "master", until_ = lost:first_at() + 0.000001 }
    local blocks = bus.messages { service = 0x36, kind = "request", by = "master", from = gone.at }
    check.that("no address gap", is_again(blocks[2], gone), "the lost block again", "another block", blocks[2])
    local again = 0
    for i = 2, #blocks do
      if is_again(blocks[i], gone) then again = again + 1 end
    end
    check.equal("resends", 1, again, gone)
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), "the target", "another")
    check.equal("writes of an address", 1, (ecu.written(new)))
  end,
}
