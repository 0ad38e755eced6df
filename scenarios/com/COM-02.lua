-- SPDX-License-Identifier: Apache-2.0
-- COM-02: from one request on the ECU is mute. The master repeats it a few times and then leaves it alone: the
-- campaign is interrupted, and its user is told. When the ECU is back, the campaign can be taken up.
-- The requests are such as no master needs to restore the network.

-- The transmissions of a request: the first one, and what repeats it without another request between.
local function transmissions(first)
  local same = {}
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = first.at }) do
    if message.data == first.data then
      same[#same + 1] = message
    elseif message.service ~= 0x3E then
      break
    end
  end
  return same
end

-- Of the same request after a time, until the end of this life.
local function later(first, at)
  local count = 0
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = at, service = first.service }) do
    if message.data == first.data then count = count + 1 end
  end
  return count
end

-- The chosen request is heard by nobody, nor is anything from then on.
local function fall_mute(play)
  local unheard = ecu.mute { service = play.service, sub = play.sub, rid = play.rid, skip = play.skip }
  if play.needs and not capable(play.needs) then unheard:optional() end
  while unheard:fired() == 0 and master.running() do
    bus.wait { kind = "request", by = "master", service = play.service, within = "30s" }
    wait("1ms")
  end
  return unheard, ecu.mute { name = "for good" }
end

case {
  id = "COM-02", group = "COM", priority = 1,
  title = "Responses lost for good",
  title_zh = "应答持续丢失",
  sources = { "paper 4.1.1", "paper 4.1.2", "ISO 14229-2:2021, table 9 (by way of OpenSOVD)" },
  needs = { "resend" },
  tags = { "loss", "resend", "interruption" },
  plays = {
    { name = "PH3-31", service = 0x31, rid = 0x0203, needs = "preconditions" },
    { name = "PH3-85", service = 0x85, sub = 0x02, needs = "network_quiet" },
    { name = "PH4a", service = 0x27, sub = 0x01 },
    { name = "PH4b", service = 0x31, rid = 0xFF00 },
    { name = "PH4c-34", service = 0x34, skip = 1 },
    { name = "PH4c-36", service = 0x36, skip = 4 },
    { name = "PH4c-37", service = 0x37, skip = 2 },
    { name = "PH4d", service = 0x31, rid = 0xFF01 },
    { name = "PH6", service = 0x14, needs = "dtc_clear" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    master.start { image = new }
    local unheard, mute = fall_mute(play)
    local first = bus.last { kind = "request", by = "master", service = play.service }
    local result = master.wait()
    if unheard:fired() == 0 then
      mute:optional()
      check.result(result, "SUCCESS")
      return
    end
    local sent = transmissions(first)
    local last = sent[#sent]
    check.at_most("resends", profile("N_RS"), #sent - 1, last)
    check.at_least("at least one resend", 1, #sent - 1, first)
    check.equal("left alone after the last resend", 0, later(first, last.at + 0.000001), last)
    if capable("interrupted") then
      check.result(result, "INTERRUPTED")
    else
      check.that("TERM", result.code ~= "SUCCESS", "not SUCCESS", result.code)
    end
    if capable("prompt") then check.equal("prompt", true, result.prompt) end
    if not capable("interrupted") then return end
    unheard:stop()
    mute:stop()
    check.result(master.update { image = new }, "SUCCESS")
    check.that("image", ecu.holds(new), "the target", "another")
  end,
}
