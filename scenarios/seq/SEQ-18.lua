-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-18.lua - every service is answered positively, and still the wrong software runs.
-- The paper leaves the read-back open; here it is a rule, because an ECU may lie.

-- What activates the new software, whichever of the two requests the master uses.
local function first_reset(from)
  local session = bus.first { head = "10 01", kind = "request", by = "master", from = from }
  local reset = bus.first { head = "11 01", kind = "request", by = "master", from = from }
  return reset and (not session or reset.at < session.at) and reset or session
end

case {
  id = "SEQ-18", group = "SEQ", priority = 1,
  title = "Success only after version read-back",
  title_zh = "回读版本一致后才可报告成功",
  sources = { "S2 4.2(3)", "S1-NXP", "GB 44496-2024 5.1.3", "SPEC", "I-28" },
  tags = { "sequence", "version", "result" },
  plays = {
    { name = "old-version", image = "kept" },
    { name = "third-version", version = "3.0.0" },
    { name = "no-version", hidden = true },
  },
  run = function(play)
    master.start { image = image { version = "2.0.0", kb = 4 } }
    -- Until the erase the ECU tells the version that it has.
    bus.wait { head = play.image and "10 02" or "31 01 FF 00", kind = "request" }
    ecu.quirk("Q6", { image = play.image, version = play.version, hidden = play.hidden })
    local result = master.wait()
    local reset = first_reset(bus.last { head = "31 01 FF 01", kind = "request" }.at)
    check.at_least("version read after the reset", 1,
      reset and bus.count { head = "22 F1 89", kind = "request", by = "master", from = reset.done } or 0, reset)
    check.that("no success with another version", result.code ~= "SUCCESS", "TERM other than SUCCESS", result.code)
  end,
}
