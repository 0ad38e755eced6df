-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-01.lua - the master's storage is full: it stops before it touches the ECU, and leaves the
-- disk as it was.

local BLOCK = 4096 -- The disk gives away whole blocks.
local KB = 16
local KEPT = "photos of the last holiday"

local campaigns, accepted_images, running = 0, 0, nil
local images = {}

-- One that is neither installed nor kept as a backup.
local function next_image()
  local place = accepted_images % 5 + 1
  images[place] = images[place] or image { version = "2.0." .. place, kb = KB }
  return images[place]
end

local function start(new)
  campaigns = campaigns + 1
  master.start { id = "campaign-" .. campaigns, image = new }
end

local function accept(new)
  accepted_images = accepted_images + 1
  check.that("image", ecu.holds(new), "every byte of the image", "others")
  running = new
end

local function check_refused(result, before, free)
  check.result(result, "REFUSED", "FAILED_OLD")
  if capable("reason_code") then
    check.equal("reason", "NO_SPACE", result.reason_code)
  end
  check.equal("erases", 0, bus.count { by = "master", head = "31 01 FF 00", from = result.began })
  check.that("software that runs", ecu.holds(running), "the one before", "another one")
  check.between("free space afterwards", free - math.max(BLOCK, free * profile("DISK_TOL")),
    free + math.max(BLOCK, free * profile("DISK_TOL")), free - (store.used() - before))
  check.equal("other files", KEPT, state.read("user-data"))
end

-- One campaign with so much room. Whether it was accepted.
local function try(free)
  local new = next_image()
  local before = store.used()
  local full = store.full { free = free }:optional()
  start(new)
  local result = master.wait()
  full:stop()
  if result.code ~= "SUCCESS" then
    check_refused(result, before, free)
    return false
  end
  check.equal("calls without room in an accepted installation", 0, full:fired())
  accept(new)
  return true
end

local plays = {
  -- The smallest room with which the master begins: a block less must be refused, and this be enough.
  ["as-much-as-needed"] = function()
    local refused, accepted = 0, 16 * BLOCK
    check.that("no room at all", not try(0), "refused", "accepted")
    while not try(accepted) do
      refused, accepted = accepted, 2 * accepted
      assert(accepted < 1 << 30, "a gigabyte is not enough")
    end
    while accepted - refused > BLOCK do
      local middle = (refused + accepted) // (2 * BLOCK) * BLOCK
      if try(middle) then
        accepted = middle
      else
        refused = middle
      end
    end
  end,
  -- Somebody else takes all that is left when half of the package is stored.
  ["taken-while-storing"] = function()
    local before = store.used()
    local left = KB * 1024 // 2
    start(next_image())
    local write = store.wait { operation = "write" }
    while write.bytes < left do
      left = left - write.bytes
      write = store.wait { operation = "write" }
    end
    local free = left // BLOCK * BLOCK
    local full = store.full { free = free }
    local taken = store.used() - before
    local result = master.wait()
    check.at_least("calls without room", 1, full:fired())
    full:stop()
    check_refused(result, before, free + taken)
  end,
}

case {
  id = "STO-01", group = "STO", priority = 1,
  title = "Master storage full",
  title_zh = "主控存储空间不足",
  sources = { "S1-test (insufficient storage)", "DB50" },
  needs = { "storage" },
  tags = { "storage" },
  plays = { { name = "as-much-as-needed" }, { name = "taken-while-storing" } },
  run = function(play)
    state.write("user-data", KEPT)
    local function update()
      local new = next_image()
      start(new)
      check.result(master.wait(), "SUCCESS")
      accept(new)
    end
    update() -- Twice, so that everything is there that stays there.
    update()
    plays[play.name]()
    update()
  end,
}
