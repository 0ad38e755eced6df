-- SPDX-License-Identifier: Apache-2.0
-- COM-05: the ECU has erased, and nobody hears of it. The master asks again, for the erase or for its result (31 03), and
-- goes on from there; it does not begin the campaign again.

-- Requests that belong before the erase.
local function is_preparation(message)
  return message.service == 0x10 or message.service == 0x85 or message.service == 0x28
end

case {
  id = "COM-05", group = "COM", priority = 1,
  title = "Erase response lost",
  title_zh = "擦除应答丢失",
  sources = { "paper 4.1.1 (services that must not be repeated are flagged)" },
  needs = { "resend" },
  tags = { "loss", "resend", "erase" },
  plays = {
    { name = "guarded", erases = 1 },
    { name = "no-guard", quirk = "Q3", erases = 2 },
    { name = "guarded-and-pending", erases = 1, pending = true },
    { name = "no-guard-and-pending", quirk = "Q3", erases = 2, pending = true },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    if play.quirk then ecu.quirk(play.quirk) end
    if play.pending then ecu.pending { service = 0x31, rid = 0xFF00, times = 1, count = 2, every = "1s" } end
    local lost = bus.lose { service = 0x31, bytes = { [2] = 0xFF, [3] = 0x00 }, kind = "positive", way = "answer", nth = 1 }
    local result = master.update { image = new }
    local download = bus.first { service = 0x34, kind = "request", by = "master", from = lost:first_at() }
    check.that("goes on to the download", download ~= nil, "a 34", "none")
    local returns = 0
    for _, message in ipairs(bus.messages { kind = "request", by = "master", from = lost:first_at(),
        until_ = download and download.at or now() }) do
      if is_preparation(message) then returns = returns + 1 end
    end
    check.equal("no return to preparation", 0, returns, download)
    check.at_most("erases of a sector", play.erases, (ecu.erased(new)))
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
