-- SPDX-License-Identifier: Apache-2.0
-- scenarios/fun/FUN-08.lua - the new software boots with the right version, and is not well.

case {
  id = "FUN-08", group = "FUN", priority = 2,
  title = "Post-update health check before success",
  title_zh = "升级后健康检查通过方可报告成功",
  sources = { "S1-vehmode", "CLH (post-update validation)" },
  needs = { "health_check" },
  tags = { "health", "rollback" },
  plays = {
    { name = "trouble-code", behaviour = "raise_dtc" },
    { name = "no-heartbeat", behaviour = "no_cyclic" },
    { name = "trouble-code-stay", behaviour = "raise_dtc", stay = true },
    { name = "trouble-code-with-backup", behaviour = "raise_dtc", backup = true },
    { name = "well" },
  },
  run = function(play)
    if play.backup then
      local good = image { version = "1.5.0", kb = 4 }
      check.result(master.update { image = good, health = true, id = "before" }, "SUCCESS")
    end
    local new = image { version = "2.0.0", kb = 4, behaviour = play.behaviour }
    local result = master.update { image = new, health = true, stay = play.stay, id = "new" }
    local version = bus.first { head = "62 F1 89", kind = "positive", ecu = "bcm",
      from = bus.last { head = "31 01 FF 01", kind = "request" }.at }
    if not play.behaviour then
      check.result(result, "SUCCESS")
      check.at_least("watched before success", profile("T_HEALTH"), result.at - version.at, version)
    elseif play.backup and capable("auto_rollback") then
      check.result(result, "ROLLED_BACK")
    elseif play.stay then
      check.result(result, "FAILED_SAFE", "INTERRUPTED")
    elseif not play.backup then
      check.result(result, "FAILED_SAFE", "INTERRUPTED", "ROLLED_BACK")
    end
    check.that("no success while the new software is not well", not play.behaviour or result.code ~= "SUCCESS",
      "TERM other than SUCCESS", result.code, version)
  end,
}
