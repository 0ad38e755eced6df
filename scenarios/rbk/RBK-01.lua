-- SPDX-License-Identifier: Apache-2.0
-- scenarios/rbk/RBK-01.lua - two updates, then the order to go back: what runs afterwards is read from the
-- ECU, not assumed.

case {
  id = "RBK-01", group = "RBK", priority = 1,
  title = "Version 1, version 2, and back",
  title_zh = "升级至版本2后回退到版本1",
  sources = { "S2 5(5)", "S2 4.2(3)" },
  needs = { "rollback" },
  tags = { "rollback" },
  plays = { { name = "goes-back" }, { name = "says-so-and-stays", liar = true } },
  run = function(play)
    local v1 = image { version = "1.1.0", kb = 8 }
    local v2 = image { version = "2.0.0", kb = 8 }
    check.result(master.update { id = "first", image = v1 }, "SUCCESS")
    check.result(master.update { id = "second", image = v2 }, "SUCCESS")
    local ordered = now()
    if play.liar then
      ecu.quirk("Q6") -- Yes to everything; version 2 stays.
    end

    local result = master.update { id = "back", action = "rollback" }
    if play.liar then
      check.result(result, "FAILED_OLD", "FAILED_SAFE", "PARTIAL", "INTERRUPTED")
      check.equal("version told", "2.0.0", capable("version_readback") and result.version or "2.0.0")
      return
    end
    check.result(result, "ROLLED_BACK")
    check.that("image", ecu.holds(v1), "every byte of version 1", "others")
    check.equal("software that runs", "1.1.0", ecu.status().version)
    local activation = bus.last { service = 0x31, head = "71 01 FF 01", from = ordered }
    check.that("checked by the ECU", activation, "71 01 FF01 in the rollback", "none")
    local answer = bus.last { service = 0x22, kind = "positive", head = "62 F1 89", from = ordered }
    local version = answer and answer.data:sub(4):gsub("%z+$", "") or "none"
    check.equal("version read after the rollback", "1.1.0", version, answer)
    check.that("read in the end", answer and activation and answer.at > activation.at and answer.at <= result.at,
      "between activation and report", answer and answer.at or "never", answer)
  end,
}
