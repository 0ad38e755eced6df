-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-19.lua - the ECU is silent after the reset, for a while or for too long.

-- What activates the new software, whichever of the two requests the master uses.
local function first_reset(from)
  local session = bus.first { head = "10 01", kind = "request", by = "master", from = from }
  local reset = bus.first { head = "11 01", kind = "request", by = "master", from = from }
  return reset and (not session or reset.at < session.at) and reset or session
end

case {
  id = "SEQ-19", group = "SEQ", priority = 2,
  title = "Reboot gap",
  title_zh = "重启静默期",
  sources = { "I-8" },
  tags = { "sequence", "reset", "timing" },
  plays = {
    { name = "short", share = 0.3, ok = true },
    { name = "just-in-time", share = 0.9, ok = true },
    { name = "too-long", share = 4 },
  },
  run = function(play)
    -- The shares are those of 3 s, 9 s and 40 s in the 10 s that a boot usually may take.
    local boot = play.share * profile("T_BOOT")
    master.start { image = image { version = "2.0.0", kb = 4 } }
    local checked = bus.wait { head = "71 01 FF 01", kind = "positive" }
    ecu.quirk("Q5", { boot = boot })
    local result = master.wait()

    local reset = first_reset(checked.done)
    -- Nobody acknowledges a frame while the ECU restarts: its controller repeats it at once.
    local REPEATED = 0.001
    local gap, where, before = math.huge, nil, nil
    for _, poll in ipairs(bus.messages { kind = "request", by = "master", ecu = "bcm",
        from = reset.done, until_ = reset.done + boot }) do
      if poll.index > reset.index and (poll.service ~= 0x3E or poll.sub ~= 0x80) then
        if before and poll.at - before < gap and poll.at - before > REPEATED then
          gap, where = poll.at - before, poll
        end
        before = poll.at
      end
    end
    if where then
      check.at_least("gap between polls", profile("P2"), gap, where)
    end
    if play.ok then
      check.result(result, "SUCCESS")
    else
      check.that("no success", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
      check.between("given up", 0, profile("T_BOOT") + 60, result.at - reset.done)
      if capable("network_quiet") then
        check.at_least("network restored: 28 00", 1, bus.count { head = "28 00", kind = "request", by = "master" })
        check.at_least("network restored: 85 01", 1, bus.count { head = "85 01", kind = "request", by = "master" })
      end
    end
  end,
}
