-- SPDX-License-Identifier: Apache-2.0
-- COM-15: frames are lost at random, both ways. A play is all the updates at one rate, one after the other: each from one
-- version to another. Whatever becomes of an update, without losses the ECU can be updated afterwards.

local VERSIONS = 8

-- Some images that take turns; small ones, as losses hit frames and not bytes.
local function images()
  local list = {}
  for i = 1, VERSIONS do
    list[i] = image { version = ("2.0.%d"):format(i), segments = { { 0x780000, 512 }, { 0x790000, 256 } } }
  end
  return list
end

-- What is lost at one rate, until there is a recovery.
local function lose(play)
  return bus.lose { chance_ppm = play.ppm }:optional()
end

case {
  id = "COM-15", group = "COM", priority = 2,
  title = "Random frame loss",
  title_zh = "随机丢帧",
  sources = { "OTA test list: abnormal environment" },
  needs = { "resend" },
  tags = { "loss", "statistics" },
  ecu = { block_length = 66 },
  plays = {
    { name = "100ppm", ppm = 100, rare = true },
    { name = "1000ppm", ppm = 1000, rare = true },
    { name = "10000ppm", ppm = 10000 },
    { name = "50000ppm", ppm = 50000 },
  },
  run = function(play)
    local runs, successes, hits = profile("LOSS_RUNS"), 0, 0
    local new = images()
    local loss = lose(play)
    for round = 1, runs do
      local target = new[round % VERSIONS + 1]
      local result = master.update { image = target, id = ("run-%d"):format(round) }
      if result.code == "SUCCESS" then
        successes = successes + 1
        local status = ecu.status()
        check.that("no false success", ecu.holds(target) and status.version == target.version, target.version, status.version)
      else
        hits = hits + loss:fired()
        loss:stop()
        local again = master.update { image = new[(round + 1) % VERSIONS + 1], id = ("recovery-%d"):format(round) }
        check.equal("recoverable", "SUCCESS", again.code)
        loss = lose(play)
      end
    end
    hits = hits + loss:fired()
    print(("%d of %d updates succeeded, %d frames were lost"):format(successes, runs, hits))
    check.at_least("runs", 1, runs)
    if play.rare then
      check.at_least("share of successes", profile("LOSS_SUCCESS"), successes / runs)
    else
      check.at_least("frames lost", 1, hits)
    end
  end,
}
