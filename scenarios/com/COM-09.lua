-- SPDX-License-Identifier: Apache-2.0
-- scenarios/com/COM-09.lua - the ECU owes a flow control: the master stops and repeats the message.

-- One transmission of the block that was stopped, and the one after it. Between them the master may
-- also wait for an answer that cannot come (P2) before it repeats.
local function check_stop(request, again, allowed)
  local frames = bus.frames { message = request.index, way = "request" }
  local last = frames[allowed + 1]
  check.equal("frames after the missing flow control", 0, #frames - allowed - 1, frames[allowed + 2] or last)
  if again then
    local latest = profile("N_Bs") * (1 + profile("N_TOL")) + profile("P2") * profile("P2_LATE")
    check.between("time to the repetition", profile("N_Bs") * (1 - profile("N_TOL")), latest, again.at - last.at, again)
  end
end

-- Those of the second block of the first segment, as far as they came.
local function transmissions()
  local same = {}
  for _, request in ipairs(bus.messages { by = "master", service = 0x36, head = "36 02" }) do
    if not same[1] or request.data:sub(1, 6) == same[1].data:sub(1, 6) then
      same[#same + 1] = request
    end
  end
  return same
end

-- How many came one after the other, before the master paused or began anew.
local function first_row(sent)
  local count = 1
  while sent[count + 1] and sent[count + 1].at - sent[count].at < 2 * profile("N_Bs") do
    count = count + 1
  end
  return count
end

case {
  id = "COM-09", group = "COM", priority = 1,
  title = "ISO-TP: flow control missing",
  title_zh = "ISO-TP：流控帧缺失",
  sources = { "KB-TP (N_Bs 1000 ms)", "I-12" },
  needs = { "resend" },
  ecu = { block_length = 258 },
  plays = {
    { name = "first-frame", flow = 1, times = 1 },
    { name = "full-block", flow = 3, times = 1 },
    { name = "N_RS-times", flow = 1 },
    { name = "longer", flow = 1, times = 1000 },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 4 }
    local times = play.times or profile("N_RS")
    ecu.flow { service = 0x36, bytes = { [1] = 2 }, block_size = 8, leave_out = play.flow, times = times }
    local result = master.update { image = new, within = "5min" }
    local sent = transmissions()
    local row = math.min(times, profile("N_RS") + 1)
    check.at_least("transmissions", 2, #sent)
    for i = 1, math.min(row, #sent) do
      check_stop(sent[i], i <= profile("N_RS") and sent[i + 1] or nil, 8 * (play.flow - 1))
    end
    if play.times == 1000 then
      check.at_most("transmissions in a row", 1 + profile("N_RS"), first_row(sent))
    else
      check.equal("transmissions", 1 + times, #sent)
      check.result(result, "SUCCESS")
      check.that("image", ecu.holds(new), "every byte of the image", "others")
    end
  end,
}
