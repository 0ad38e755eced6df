-- SPDX-License-Identifier: Apache-2.0
-- scenarios/com/COM-13.lua - a long version that does not come in whole: nothing may be made of a part.

-- What the ECU runs, and tells in an answer of 60 bytes. The first frame alone reads like the version of
-- the package: who compares a part of the string takes the ECU for up to date.
local TOLD = "2.0.1 field trial, not for series, to be replaced by 2.0.0"

local function hex(text)
  return (text:gsub(".", function(c)
    return ("%02X "):format(c:byte())
  end))
end

-- Takes one consecutive frame of the first answer, or puts something else in its place.
local function spoil(play)
  local what = { way = "answer", service = 0x22, bytes = { [0] = 0x62, [1] = 0xF1, [2] = 0x89 } }
  for name, value in pairs(play.frame) do
    what[name] = value
  end
  what.part, what.times = "consecutive", 1
  return bus[play.fault](what)
end

-- The master waits N_Cr for the rest. Before it asks again, it may wait for another answer (P2).
local function check_patience(asked, again)
  local frames = bus.frames { part = "consecutive", way = "answer", from = asked.at, until_ = again.at }
  local last = frames[#frames - 1]
  check.between("time to the repetition", profile("N_Cr") * (1 - profile("N_TOL")),
    profile("N_Cr") * (1 + profile("N_TOL")) + profile("P2") * profile("P2_LATE"), again.at - last.at, again)
end

case {
  id = "COM-13", group = "COM", priority = 2,
  title = "ISO-TP: reception faults",
  title_zh = "ISO-TP：接收故障",
  sources = { "KB-TP (unexpected PDUs)", "I-14" },
  needs = { "resend", "version_readback" },
  plays = {
    { name = "lost", fault = "lose", frame = { index = 3 } },
    { name = "lost-last", fault = "lose", frame = { index = 8 }, waits = true },
    { name = "all-lost", fault = "lose", frame = { index = 1 } },
    { name = "out-of-order", fault = "reorder", frame = { index = 3 } },
    { name = "duplicated", fault = "duplicate", frame = { index = 3 } },
    { name = "wrong-number", fault = "change", frame = { index = 3, set_frame = { [0] = 0x2F } } },
    { name = "late", fault = "delay", frame = { index = 8, by = "1200ms" }, waits = true },
    { name = "single-frame-inside", fault = "change",
      frame = { index = 3, set_frame = { [0] = 0x02, [1] = 0x7E, [2] = 0x00 } } },
    { name = "answer-inside", fault = "change",
      frame = { index = 3, set_frame = { [0] = 0x03, [1] = 0x62, [2] = 0xF1, [3] = 0x89 } } },
    { name = "first-frame-inside", fault = "change",
      frame = { index = 3, set_frame = { [0] = 0x10, [1] = 0x3C, [2] = 0x62, [3] = 0xF1, [4] = 0x89, [5] = 0x32, [6] = 0x2E, [7] = 0x30 } } },
  },
  run = function(play)
    ecu.install(image { version = "2.0.1" })
    local new = image { version = "2.0", kb = 4 }
    wait(1)
    local told = ecu.answer { service = 0x22, did = 0xF189, phase = "application", data = "62 F1 89 " .. hex(TOLD) }
    spoil(play)
    master.start { image = new }
    bus.wait { service = 0x10, sub = 2, kind = "positive", within = "1min" }
    told:stop()
    local result = master.wait("10min")
    check.result(result, "SUCCESS")
    check.that("the whole version", ecu.holds(new), "compared, so the update takes place", result and result.code)
    local asked = bus.messages { by = "master", service = 0x22, head = "22 F1 89" }
    if check.that("repetition", asked[2] ~= nil, "the request again", "none", asked[1]) and play.waits then
      check_patience(asked[1], asked[2])
    end
  end,
}
