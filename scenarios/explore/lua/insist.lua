-- SPDX-License-Identifier: Apache-2.0
-- A master that has rolled back is ordered the same again: so often it may still try.
local function insist(result, order)
  local tries = profile("R_UPD") + 1
  for i = 1, tries do
    if not result or result.code ~= "ROLLED_BACK" then break end
    wait("1s")
    if i == tries then judge.forbid("the package has failed for good", true) end
    result = master.update(order)
  end
  judge.allow()
  return result
end
