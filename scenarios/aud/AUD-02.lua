-- SPDX-License-Identifier: Apache-2.0
-- scenarios/aud/AUD-02.lua - what the master reports of an ECU is what the ECU answered in the end.

case {
  id = "AUD-02", group = "AUD", priority = 1,
  title = "Report equals read-back",
  title_zh = "上报结果与回读结果一致",
  sources = { "I-18", "S1-NXP (feedback to server)" },
  needs = { "ecu_report", "version_readback" },
  tags = { "report", "version" },
  plays = {
    { name = "nothing-wrong", expected = "SUCCESS" },
    { name = "liar-keeps-old", quirk = { image = "kept" } },
    { name = "liar-third-version", quirk = { version = "3.0.0" } },
    { name = "check-fails", nrc = 0x72 },
    { name = "software-does-not-boot", behaviour = "no_boot" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4, behaviour = play.behaviour }
    master.start { image = new }
    if play.nrc then
      ecu.answer { service = 0x31, rid = 0xFF01, nrc = play.nrc }
    end
    if play.quirk then
      bus.wait { head = play.quirk.image and "10 02" or "31 01 FF 00", kind = "request" }
      ecu.quirk("Q6", play.quirk)
    end
    local result = master.wait()

    local report = result.ecus[1] or {}
    check.equal("ECUs in the report", 1, #result.ecus)
    check.equal("the ECU that was updated", "bcm", report.name)
    local truth = ecu.status()
    local target = truth.run == "application" and truth.version == "2.0.0" and ecu.holds(new) and truth.valid
    check.that("reported success is the ECU's", report.code ~= "SUCCESS" or target,
      "SUCCESS only with the target software", report.code)
    check.that("result and report agree", (result.code == "SUCCESS") == (report.code == "SUCCESS"),
      result.code, report.code)
    if play.expected then
      check.equal("result of the ECU", play.expected, report.code)
    else
      check.that("no success of an ECU that failed", report.code ~= "SUCCESS", "other than SUCCESS", report.code)
    end
    -- The last answer to 22 F189 after the erase; without one nothing is known.
    local erase = bus.last { head = "31 01 FF 00", kind = "request" }
    local answer = bus.last { head = "62 F1 89", kind = "positive", ecu = "bcm", from = erase.done }
    local read = answer and answer.data:sub(4):gsub("[%z ]+$", "") or ""
    check.equal("reported version is the one read back", read, report.version, answer)
  end,
}
