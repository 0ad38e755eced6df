-- SPDX-License-Identifier: Apache-2.0
-- Whether the master says that what was ordered is done.
local function claims_success(result, order)
  return result.code == "SUCCESS" or result.code == "UP_TO_DATE" or
    (order.action == "rollback" and result.code == "ROLLED_BACK")
end

-- The criteria of limphome explore, once all faults are over (docs/explore.md).
local function conclude(result, order, past, goal, trial, mend)
  check.that("the campaign ends", result ~= nil, "within 25 min",
    result and result.code or "it goes on")
  if not result then return end
  local back = order.action == "rollback"
  local claims = claims_success(result, order)
  local bootloader = ecu.status().run == "bootloader"
  power.cut { for_ = "10ms" } -- What runs has to start by itself.
  wait("1s")
  if ecu.status().run ~= "application" then wait("10s") end
  local runs = ecu.status().run == "application"
  local is_goal, is_past = (ecu.holds(goal)), (ecu.holds(past))
  local holds = is_goal and "the image that was ordered is there" or is_past and "the one before it is there" or
    "no image is whole"
  local seen = (runs and "an application runs; " or "nothing runs; ") .. holds
  check.that("success is true", not claims or (runs and is_goal), "what was ordered runs", seen)
  check.that("success is not claimed too early", not (claims and bootloader), "an application",
    "the bootloader")
  check.that("a rollback is true", claims or result.code ~= "ROLLED_BACK" or (runs and is_past),
    "the version before it runs", seen)
  local tried = trial and (ecu.holds(trial))
  check.that("what runs is approved", not runs or is_goal or is_past or tried, "one of the images",
    seen)
  if not claims then
    local again
    if result.code == "INTERRUPTED" then again = master.update(order) end
    local well = { SUCCESS = true, UP_TO_DATE = true, ROLLED_BACK = true }
    if not again or not well[again.code] then
      mend()
      order.id = "retry"
      again = master.update(order)
    end
    -- A rollback leads from the version that runs to the one before it.
    local there = (ecu.holds(goal)) or (back and not (runs and is_past) and (ecu.holds(past)))
    check.that("a clean retry ends well", there, "the image that was ordered", again.code)
    check.result(again, "SUCCESS", back and "ROLLED_BACK" or "UP_TO_DATE")
  end
end
