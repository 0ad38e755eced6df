-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sec/SEC-03.lua - the package is shorter or longer than the manifest declares.

local change = {
  -- The last character is the end of the last line: what is left is a whole image.
  ["byte-missing"] = function(text)
    return text:sub(1, -2)
  end,
  ["half-missing"] = function(text)
    return text:sub(1, #text // 2)
  end,
  ["byte-more"] = function(text)
    return text .. "\n"
  end,
  ["second-package"] = function(text)
    local other = image { version = "9.9.9", kb = 4, name = "other.s19" }
    return text .. file.read(other.name)
  end,
}

case {
  id = "SEC-03", group = "SEC", priority = 1,
  title = "Truncated / padded package",
  title_zh = "升级包被截断或追加数据",
  sources = { "UPT (length must match)" },
  needs = { "package_size" },
  tags = { "security", "package" },
  plays = {
    { name = "byte-missing" },
    { name = "half-missing" },
    { name = "byte-more" },
    { name = "second-package" },
  },
  run = function(play)
    local new = image { version = "2.0.0", kb = 8 }
    local sent = file.write(new.name, change[play.name](file.read(new.name)))
    check.that("another length", sent.bytes ~= new.bytes, "other than " .. new.bytes, sent.bytes)
    judge.forbid("the package has not the declared length", true)

    local result = master.update { image = new }
    check.result(result, "REFUSED", "FAILED_OLD")
    if capable("reason_code") then
      local reason = result.reason_code
      check.that("reason", reason == "SIZE" or reason == "INTEGRITY", "SIZE or INTEGRITY", reason)
    end
    check.equal("requests for the programming session", 0, bus.count { by = "master", service = 0x10, sub = 2 })
    check.equal("erases", 0, ecu.operations().erases)
    check.equal("software that runs", "1.0.0", ecu.status().version)
  end,
}
