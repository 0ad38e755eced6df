-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-07.lua - response pending without end: the master gives up at its cap, and restores the network.

-- When the master has turned to something else, or ended.
local function abandoned(asked, result)
  for _, message in ipairs(bus.messages { kind = "request", by = "master", from = asked.done }) do
    if message.index > asked.index and message.service ~= 0x3E then
      return message.at, message
    end
  end
  return result and result.at
end

case {
  id = "SEQ-07", group = "SEQ", priority = 1,
  title = "0x78 for ever",
  title_zh = "0x78 无限响应挂起",
  sources = { "CDA (CP_RC78CompletionTimeout)", "I-3" },
  tags = { "timing", "nrc" },
  plays = {
    { name = "erase", what = { rid = 0xFF00 }, head = "31 01 FF 00" },
    { name = "36", what = { service = 0x36 }, skip = 1, head = "36 02" },
  },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    local rule = { then_ = "never", every = "2s", skip = play.skip }
    for name, value in pairs(play.what) do
      rule[name] = value
    end
    ecu.quirk("Q1") -- Only 28 00 and 85 01 bring it back.
    ecu.pending(rule)
    local cap, tolerance = profile("RC78_CAP"), profile("CAP_TOL")
    master.start { image = image { version = "2.0.0", kb = 8 },
                   policy = { ERASE_MAX = ("%.0fms"):format(cap / 1.25 * 1000) } }
    local asked = bus.wait { kind = "request", by = "master", head = play.head, within = "5min" }
    if not check.that("the request is made", asked, play.head, "none") then
      return
    end
    local result = master.wait(("%.0fs"):format(cap * 20))
    local at, where = abandoned(asked, result)
    check.between("abandons at RC78_CAP", cap * (1 - tolerance), cap * (1 + tolerance), at and at - asked.done,
      where or asked)
    check.that("TERM", result and result.code ~= "SUCCESS", "no SUCCESS", result and result.code or "none")
    if not result then
      master.cut()
      return
    end
    wait(profile("T_REST"))
    if capable("network_quiet") then
      check.that("communication on after the failure", ecu.status().communication_on, "on", "off", result.at)
      check.that("DTC setting on after the failure", ecu.status().dtc_setting_on, "on", "off", result.at)
    end
  end,
}
