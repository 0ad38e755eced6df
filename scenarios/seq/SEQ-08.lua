-- SPDX-License-Identifier: Apache-2.0
-- scenarios/seq/SEQ-08.lua - busyRepeatRequest: the same request again, not too soon, and not for ever.

local BUSY = 3

-- The request that was busy first, and all of its kind until it was served or another one came.
local function transmissions(head)
  local service = tonumber(head:sub(1, 2), 16)
  local first = bus.first { kind = "negative", nrc = 0x21, service = service }
  local asked = first and bus.last { kind = "request", by = "master", head = head, until_ = first.at }
  local list = {}
  local served = first and bus.first { kind = "positive", service = service, from = first.at }
  local window = { kind = "request", by = "master", from = asked and asked.at, until_ = served and served.at }
  for _, message in ipairs(asked and bus.messages(window) or {}) do
    if message.service == service then
      list[#list + 1] = message
    elseif message.service ~= 0x3E then
      break
    end
  end
  return list, first
end

-- What comes without a 21 in between is a resend after a time-out.
local function check_repeats(list)
  for i = 2, #list do
    local before, this = list[i - 1], list[i]
    local busy = bus.first { kind = "negative", nrc = 0x21, service = this.service, from = before.done, until_ = this.at }
    if busy then
      check.at_least("wait before the repetition", profile("RC21_DLY"), this.at - busy.done, this)
    end
    check.that("bytes of the repetition", this.data == before.data, before.data, this.data, this)
  end
end

case {
  id = "SEQ-08", group = "SEQ", priority = 1,
  title = "0x21 busyRepeatRequest",
  title_zh = "0x21 忙，请重复请求",
  sources = { "KB-NRC 0x21", "CDA (200 ms, 25 s)" },
  tags = { "timing", "nrc" },
  plays = {
    { name = "10-02-three", what = { service = 0x10, sub = 2, times = BUSY }, head = "10 02" },
    { name = "erase-three", what = { rid = 0xFF00, times = BUSY }, head = "31 01 FF 00" },
    { name = "36-three", what = { service = 0x36, skip = 1, times = BUSY }, head = "36 02" },
    { name = "erase-for-ever", what = { rid = 0xFF00 }, head = "31 01 FF 00" },
    { name = "36-for-ever", what = { service = 0x36, skip = 1 }, head = "36 02" },
  },
  run = function(play)
    wait("500ms") -- Until the vehicle is awake.
    local rule = { nrc = 0x21 }
    for name, value in pairs(play.what) do
      rule[name] = value
    end
    ecu.answer(rule)
    local result = master.update { image = image { version = "2.0.0", kb = 8 }, within = "30min" }
    local list, first = transmissions(play.head)
    if not check.that("the request is made", #list > 0, play.head, "none", first) then
      return
    end
    if play.what.times then
      check.at_least("requests until it is served", BUSY + 1, #list, first)
      check.result(result, "SUCCESS")
    else
      local cap, tolerance = profile("RC21_CAP"), profile("CAP_TOL")
      check.between("stops at RC21_CAP", cap * (1 - tolerance), cap * (1 + tolerance), list[#list].at - first.at,
        list[#list])
      check.that("TERM", result and result.code ~= "SUCCESS", "no SUCCESS", result and result.code or "none")
    end
    check_repeats(list)
  end,
}
