-- SPDX-License-Identifier: Apache-2.0
-- scenarios/stb/STB-01.lua - two versions in turn, again and again, and nothing may pile up.

local function disk_bytes()
  local bytes = 0
  for _, name in ipairs(state.list()) do
    bytes = bytes + #(state.read(name) or "")
  end
  return bytes
end

-- The mean of one figure over some rounds.
local function mean(rounds, from, to, figure)
  local sum = 0
  for i = from, to do
    sum = sum + rounds[i][figure]
  end
  return sum / (to - from + 1)
end

-- The first rounds, of three parts of the same length at most, fill what the master keeps on purpose: its
-- backups and records. The next ones are compared with the last ones.
local function check_growth(criterion, rounds, part, figure, limit)
  local early = mean(rounds, math.min(part + 1, #rounds), math.min(2 * part, #rounds), figure)
  local late = mean(rounds, #rounds - part + 1, #rounds, figure)
  check.at_most(criterion, early * (1 + limit), late)
end

case {
  id = "STB-01", group = "STB", priority = 1,
  title = "Repeat N",
  title_zh = "重复升级N次",
  sources = { "S2 5(1)", "S1-test (repeated)" },
  tags = { "slow" },
  run = function()
    local images = { image { version = "1.1.0", kb = 4 }, image { version = "2.0.0", kb = 4 } }
    local rounds, good = {}, 0
    for i = 1, profile("ROUNDS") do
      local new = images[i % 2 + 1]
      local result = master.update { image = new, id = "round-" .. i }
      good = good + ((result.code == "SUCCESS" and ecu.holds(new) and result.ending == "exited") and 1 or 0)
      rounds[i] = { time = result.at - result.began, memory = result.peak_bytes, files = result.open_files, disk = disk_bytes() }
    end
    check.equal("rounds that succeeded", #rounds, good)
    local part = math.max(1, math.min(10, #rounds // 3))
    check_growth("memory", rounds, part, "memory", profile("RSS_GROWTH"))
    check_growth("time of a round", rounds, part, "time", profile("TIME_DRIFT"))
    local before, after = rounds[math.min(2 * part, #rounds)], rounds[#rounds]
    check.equal("open files", before.files, after.files)
    check.between("disk", before.disk * (1 - profile("DISK_TOL")), before.disk * (1 + profile("DISK_TOL")), after.disk)
  end,
}
