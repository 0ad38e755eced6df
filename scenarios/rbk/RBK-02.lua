-- SPDX-License-Identifier: Apache-2.0
-- scenarios/rbk/RBK-02.lua - the new software does not fit: the master restores the previous one by itself.

-- grace: from the check of the new software (31 FF01) until its fault can be seen at the latest.
local plays = {
  { name = "does-not-fit", image = { hardware = "OTHER-HW-9" }, grace = "none" },
  { name = "does-not-boot", image = { behaviour = "no_boot" }, grace = "boot" },
  { name = "other-version", image = { behaviour = "wrong_version" }, grace = "boot" },
  { name = "no-heartbeat", image = { behaviour = "no_cyclic" }, grace = "window", health = true },
}

local function grace(kind)
  if kind == "none" then
    return 0
  end
  return profile("T_BOOT") + (kind == "window" and 1 or 0)
end

-- What belongs to post-programming, and comes after the last 31 FF01.
local function check_post(from)
  local steps = {
    { "network_quiet", "28 00", "communication on again" }, { "network_quiet", "85 01", "trouble codes on again" },
    { "dtc_clear", "14", "trouble codes cleared" }, { "version_readback", "22 F1 89", "version read" },
  }
  for _, step in ipairs(steps) do
    if capable(step[1]) then
      check.at_least(step[3], 1, bus.count { by = "master", head = step[2], from = from })
    end
  end
end

case {
  id = "RBK-02", group = "RBK", priority = 1,
  title = "Automatic rollback",
  title_zh = "新软件异常时自动回退",
  sources = { "S2 4.2", "GB 5.2.9", "R156 7.2.2.1.1" },
  needs = { "auto_rollback" },
  tags = { "rollback" },
  plays = plays,
  run = function(play)
    local v1 = image { version = "1.1.0", kb = 4 }
    check.result(master.update { id = "first", image = v1 }, "SUCCESS")
    if play.health and not capable("health_check") then
      return -- Nobody would notice.
    end
    local v2 = image { version = "2.0.0", kb = 4, behaviour = play.image.behaviour, hardware = play.image.hardware }
    local result = master.update { id = "second", image = v2, health = play.health }
    check.result(result, "ROLLED_BACK")
    check.that("image", ecu.holds(v1), "every byte of the previous software", "others")
    check.equal("software that runs", "1.1.0", ecu.status().version)

    -- The last programming session is the rollback's; before it is the last check of the new software.
    local start = bus.last { by = "master", service = 0x10, sub = 2 }
    local failed
    for _, answer in ipairs(bus.messages { service = 0x31, head = "71 01 FF 01", until_ = start.at }) do
      failed = answer
    end
    check.at_most("time from the failure to the rollback", profile("T_RBK") + grace(play.grace), start.at - failed.at, start)
    check_post(bus.last { service = 0x31, head = "71 01 FF 01" }.at)
  end,
}
