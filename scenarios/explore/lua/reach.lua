-- SPDX-License-Identifier: Apache-2.0
local begun -- When the campaign began, in seconds.

-- Waits until the master has made the nth of these requests in the campaign, and returns when its
-- last frame is through, in seconds; nil if it never makes it.
local function reach(request, nth)
  request.kind, request.by = "request", "master"
  local index, seen = 1, 0
  while true do
    request.from, request.nth = begun, index
    local message = bus.first(request)
    request.nth = index + 1
    if message and (message.over or bus.first(request)) then -- Or it was given up halfway.
      index = index + 1
      seen = message.over and seen + 1 or seen
      if message.over and seen == nth then return message.over end
    elseif not master.running() then
      return nil
    else
      request.from, request.nth, request.within = nil, nil, "1s"
      bus.wait(request)
      request.within = nil
    end
  end
end
