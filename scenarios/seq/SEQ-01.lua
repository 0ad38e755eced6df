-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-01.lua - nothing is injected: the order of services is compared with the profile.

local OUT_OF_ORDER = { [0x24] = true, [0x33] = true, [0x7E] = true, [0x7F] = true }

-- What a request of the master is in the sequence; nil: something that may come at any time.
local function step_of(message, done)
  local service, sub, head = message.service, message.sub, message.data:sub(1, 4)
  local after = done["activation"] and " after it" or ""
  if service == 0x10 and sub == 1 then
    return done["31 FF01"] and not done["activation"] and "activation" or "10 01" .. after
  elseif service == 0x11 then
    return "activation"
  elseif service == 0x10 then
    return ("10 %02X"):format(sub) .. (sub == 3 and after or "")
  elseif service == 0x85 then
    return sub == 2 and "85 off" or "85 on"
  elseif service == 0x28 then
    return sub == 0 and "28 on" or "28 off"
  elseif service == 0x27 then
    return sub % 2 == 1 and "27 seed" or "27 key"
  elseif head == "\x31\x01\x02\x03" then
    return "preconditions"
  elseif head == "\x31\x01\xFF\x00" then
    return "31 FF00"
  elseif head == "\x31\x01\xFF\x01" then
    return "31 FF01"
  elseif service == 0x34 or service == 0x36 or service == 0x37 or service == 0x14 then
    return ("%02X"):format(service)
  end
end

-- For each step, those that the ECU must have accepted before. A master that does not declare a step
-- may leave it out.
local function rules()
  local inside = profile("ORDER") == "quiet-inside"
  local quiet = capable("network_quiet")
  local needs = {
    ["preconditions"] = { "10 03" }, ["85 off"] = { inside and "10 02" or "10 03" }, ["28 off"] = { "85 off" },
    ["10 02"] = { "10 03" }, ["27 seed"] = { "10 02" }, ["27 key"] = { "27 seed" }, ["31 FF00"] = { "27 key" },
    ["34"] = { "31 FF00" }, ["36"] = { "34" }, ["37"] = { "36" }, ["31 FF01"] = { "37" },
    ["activation"] = { "31 FF01" }, ["10 03 after it"] = { "activation" },
    ["28 on"] = { inside and "85 on" or "10 03 after it" }, ["85 on"] = { inside and "10 03 after it" or "28 on" },
    ["14"] = { quiet and "28 on" or "activation", quiet and "85 on" or "activation" },
    ["10 01 after it"] = { "10 03 after it" },
  }
  if quiet then
    local at = inside and "31 FF00" or "10 02"
    table.insert(needs[at], "85 off")
    table.insert(needs[at], "28 off")
  end
  if capable("preconditions") then
    table.insert(needs["10 02"], "preconditions")
  end
  if capable("dtc_clear") then
    table.insert(needs["10 01 after it"], "14")
  end
  return needs
end

local function missing(needs, step, done)
  for _, before in ipairs(needs[step] or {}) do
    if not done[before] then
      return before
    end
  end
end

-- Walks the log. Calls found(message, text) for each request that comes too early.
local function walk(needs, found)
  local done, steps, open = {}, {}, false
  for _, message in ipairs(bus.messages {}) do
    if message.kind == "request" and message.by == "master" then
      local step = step_of(message, done)
      steps[message.index] = step
      local before = missing(needs, step, done)
      if before then
        found(message, ("%s before %s"):format(step, before))
      elseif step == "34" and open then
        found(message, "34 before 37 of the segment before")
      end
      open = step == "34" or (open and step ~= "37")
      if step == "34" then
        done["36"], done["37"] = nil, nil
      end
    elseif message.kind == "positive" and message.ecu == "bcm" and message.answers then
      local step = steps[message.answers]
      if step then
        done[step] = true
      end
    elseif message.kind == "negative" and OUT_OF_ORDER[message.nrc] then
      check.that("no NRC for a step out of order", false, "no 24, 33, 7E, 7F",
        ("7F %02X %02X"):format(message.service, message.nrc), message)
    end
  end
  return done
end

case {
  id = "SEQ-01", group = "SEQ", priority = 1,
  title = "Order of services per profile",
  title_zh = "诊断服务顺序符合配置",
  sources = { "S2 3.5.1-3.5.3", "KB-RID (FF00, FF01)" },
  tags = { "sequence" },
  run = function()
    wait("500ms") -- Until the vehicle is awake.
    local new = image { version = "2.0.0", kb = 12 }
    check.result(master.update { image = new }, "SUCCESS")

    local early, first, where = 0, "none", nil
    local done = walk(rules(), function(message, text)
      early = early + 1
      if early == 1 then
        first, where = text, message
      end
    end)
    check.that("order of services", early == 0, "every service in its place", first, where)
    if capable("network_quiet") then
      check.that("network quieted", done["85 off"] and done["28 off"], "85 02 and 28 01 accepted",
        done["85 off"] and "no 28 01" or "no 85 02")
    end

    local last = bus.last { service = 0x37, kind = "request" }
    local check_requests = bus.count { head = "31 01 FF 01", kind = "request" }
    check.equal("31 FF01 once after the last 37", 1,
      last and bus.count { head = "31 01 FF 01", kind = "request", from = last.at } or 0, last)
    check.equal("31 FF01 in all", 1, check_requests)
    check.equal("a 37 for each segment", #new.segments, bus.count { service = 0x37, kind = "positive" })
  end,
}
