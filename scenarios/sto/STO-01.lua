-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sto/STO-01.lua - the master's storage is full: it stops before it touches the ECU, and leaves the
-- disk as it was.

local BLOCK = 4096 -- The disk gives away whole blocks.
local KB = 16
local KEPT = "photos of the last holiday"

local campaigns, running = 0, nil

local function new_image()
  campaigns = campaigns + 1
  return image { version = "2.0." .. campaigns, kb = KB, name = "image-" .. campaigns .. ".s19" }
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

local function update(new)
  return master.update { id = "campaign-" .. campaigns, image = new }
end

-- One campaign with so much room. Whether it was accepted.
local function try(free)
  local new = new_image()
  local before = store.used()
  local full = store.full { free = free }:optional()
  local result = update(new)
  full:stop()
  if result.code ~= "SUCCESS" then
    check_refused(result, before, free)
    return false
  end
  check.equal("calls without room in an accepted installation", 0, full:fired())
  check.that("image", ecu.holds(new), "every byte of the image", "others")
  running = new
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
    local new = new_image()
    local before = store.used()
    local left = KB * 1024 // 2
    master.start { id = "campaign-" .. campaigns, image = new }
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
    for _ = 1, 2 do -- So that everything is there that stays there.
      running = new_image()
      check.result(update(running), "SUCCESS")
    end
    plays[play.name]()
    local new = new_image()
    check.result(update(new), "SUCCESS")
    check.that("image", ecu.holds(new), "every byte of the image", "others")
  end,
}
