-- SPDX-License-Identifier: Apache-2.0
-- scenarios/rbk/RBK-07.lua - an update that always fails: the master tries it so many times, and then leaves
-- it alone until a new campaign comes.

-- How often the image was sent from its first block on.
local function attempts(of, from)
  local line = file.read(of.name):match("\n(S2[^\n]+)")
  local begin = "36 01 " .. line:sub(11, 38):gsub("%x%x", "%0 ")
  return bus.count { by = "master", service = 0x36, head = begin, from = from }
end

case {
  id = "RBK-07", group = "RBK", priority = 2,
  title = "No endless loop of failure and rollback",
  title_zh = "升级失败与回退不得无限循环",
  sources = { "I-25" },
  needs = { "auto_rollback" },
  tags = { "rollback" },
  plays = {
    { name = "dependencies", image = { hardware = "OTHER-HW-9" } },
    { name = "does-not-boot", image = { behaviour = "no_boot" } },
  },
  run = function(play)
    local good = image { version = "1.1.0", kb = 4 }
    check.result(master.update { id = "first", image = good }, "SUCCESS")
    local bad = image { version = "2.0.0", kb = 4, behaviour = play.image.behaviour, hardware = play.image.hardware }
    check.result(master.update { id = "second", image = bad, within = "1h" }, "ROLLED_BACK")
    local allowed = profile("R_UPD") + 1
    check.between("attempts", 1, allowed, attempts(bad))

    -- The order is still there, and the master is started again and again.
    for _ = 1, 2 * allowed do
      wait("10s")
      local result = master.update { id = "second", image = bad, within = "1h" }
      check.that("TERM", result and result.code ~= "SUCCESS", "anything but SUCCESS", result and result.code or "nothing")
    end
    check.at_most("attempts", allowed, attempts(bad))
    check.that("image", ecu.holds(good), "every byte of the previous software", "others")

    -- A new campaign is a new chance.
    local better = image { version = "2.0.1", kb = 4 }
    check.result(master.update { id = "third", image = better }, "SUCCESS")
  end,
}
