-- SPDX-License-Identifier: Apache-2.0
-- scenarios/sec/SEC-13.lua - image files and manifests that are broken or hostile, with a declared hash that
-- fits: they are refused when they are read.

local function record(address, digits)
  local body = ("%02X%08X%s"):format(#digits // 2 + 5, address, digits)
  local sum = 0
  for at = 1, #body, 2 do
    sum = sum + tonumber(body:sub(at, at + 1), 16)
  end
  return ("S3%s%02X\n"):format(body, 0xFF - sum % 256)
end

-- A line of data more, in front of the end record.
local function with(text, line)
  return (text:gsub("(S[789]%x+\n)$", line .. "%1"))
end

local hostile = {
  ["bad-checksum"] = function(text)
    return (text:gsub("(\nS2%x+)%x%x\n(S2)", "%100\n%2", 1))
  end,
  ["overlap"] = function(text)
    return with(text, record(0x780010, ("A5"):rep(16)))
  end,
  ["outside-windows"] = function(text)
    return with(text, record(0x7F9000, ("A5"):rep(16)))
  end,
  ["boot-area"] = function(text)
    return with(text, record(0x7FE000, ("A5"):rep(16)))
  end,
  -- Two lines four gigabytes apart: whoever unfolds them has no memory left.
  ["bomb"] = function(text)
    return with(text, record(0, "A5") .. record(0xFFFFFFF0, "A5"))
  end,
}

local function check_refused(result, began, what)
  local code = result and result.code or "nothing"
  check.that("hangs", result and result.at - began <= profile("T_HANG"), ("an end within %g s"):format(profile("T_HANG")),
    what .. ": " .. (result and result.ending or "still running"))
  check.that("crashes", not result or (result.ending == "exited" and result.exit_code < 128), "an exit code of its own",
    what .. ": " .. (result and result.exit_code or "none"))
  check.that("TERM", code ~= "SUCCESS" and code ~= "ROLLED_BACK", "no success", what .. ": " .. code)
  check.equal("34 for a file that must be refused", 0, bus.count { by = "master", service = 0x34 })
  check.equal("erases", 0, ecu.operations().erases)
end

-- Files of the play that the master has no business to write.
local function outside()
  local names = {}
  for _, name in ipairs(file.list()) do
    if not name:find("^master%-%d+%.log$") then
      names[#names + 1] = name
    end
  end
  return table.concat(names, " ")
end

local TOKENS = { "", "0", "-1", "4294967296", "1e308", "null", "true", "{}", "[]", '"', "\0", "\xFF\xFE", "../../x", "%s%n",
  ("A"):rep(5000), ("["):rep(2000), "S3FF" }
local BAD_LINE = "\nS1040000A500\n"

local function mutate(text)
  for _ = 1, math.random(1, 4) do
    local at = math.random(#text)
    local last = math.min(#text, at + math.random(0, 40))
    local kind = math.random(5)
    if kind == 1 then
      text = text:sub(1, at - 1) .. string.char(text:byte(at) ~ (1 << math.random(0, 7))) .. text:sub(at + 1)
    elseif kind == 2 then
      text = text:sub(1, at - 1) .. text:sub(last + 1)
    elseif kind == 3 then
      text = text:sub(1, last) .. text:sub(at)
    elseif kind == 4 then
      text = text:sub(1, at - 1) .. TOKENS[math.random(#TOKENS)] .. text:sub(last + 1)
    else
      text = text:sub(1, last) .. string.char(math.random(0, 255)) .. text:sub(last + 1)
    end
    text = text ~= "" and text or "x"
  end
  return text
end

-- Where the play lies must not decide what is changed: its folder counts as one character.
local function mutate_job(text, folder)
  local short = text:gsub(folder:gsub("%p", "%%%0"), "\1")
  return (mutate(short):gsub("\1", (folder:gsub("%%", "%%%%"))))
end

-- So many starts with a file of which something was changed at random. Whatever is changed, its image cannot be
-- taken: it has no end, and the checksum of its last line does not fit.
local function fuzz(play)
  local good = image { version = "2.0.0", kb = 4 }
  local text = file.read(good.name):sub(1, 2000)
  local broken = file.write("broken.s19", text .. BAD_LINE)
  local job = { image = { path = broken.path, version = "2.0.0" } } -- No hash is declared.
  local manifest = master.job(job)
  for _ = 1, play.part do
    math.random() -- The parts have the same stream: not in step.
  end
  check_refused(master.update(job), 0, "unchanged")
  local before = outside()
  for i = 1, math.max(profile("FUZZ_SEEDS") // 4, 1) do
    if play.fuzz == "manifest" then
      job.job = mutate_job(manifest, broken.path:match("^(.*)/"))
    else
      file.write("broken.s19", mutate(text) .. BAD_LINE)
    end
    local began = now()
    master.start(job)
    local result = master.wait(profile("T_HANG"))
    if not result then
      master.cut()
    end
    check_refused(result, began, play.fuzz .. " " .. i)
  end
  check.equal("files outside of the state folder", before, outside())
end

case {
  id = "SEC-13", group = "SEC", priority = 1,
  title = "Hostile or broken image file",
  title_zh = "恶意或损坏的镜像文件",
  sources = { "S2 3.1 (protected area)", "S2 3.2 S19" },
  tags = { "security", "package" },
  plays = {
    { name = "bad-checksum" }, { name = "overlap" },
    { name = "outside-windows", needs = "image_windows" }, { name = "boot-area", needs = "image_windows" },
    { name = "bomb", needs = "image_windows" }, { name = "names-lead-out" },
    { name = "fuzzed-manifest-1", fuzz = "manifest", part = 1 }, { name = "fuzzed-manifest-2", fuzz = "manifest", part = 2 },
    { name = "fuzzed-image-1", fuzz = "image", part = 1 }, { name = "fuzzed-image-2", fuzz = "image", part = 2 },
  },
  run = function(play)
    if play.fuzz then
      return fuzz(play)
    end
    if play.name == "names-lead-out" then
      local before = outside()
      local new = image { version = "../../outside", kb = 4, name = "new.s19" }
      local result = master.update { id = "../outside", image = new }
      check.result(result, "SUCCESS", "REFUSED", "FAILED_OLD")
      local after = outside():gsub(" ?new.s19", ""):gsub(" ?job.json", "")
      check.equal("files outside of the state folder", before, after)
      return
    end
    local text = file.read(image { version = "2.0.0", kb = 4, name = "good.s19" }.name)
    local bad = file.write("bad.s19", hostile[play.name](text))
    check.that("another file", bad.bytes ~= #text or play.name == "bad-checksum", "a changed file", "the same")
    if play.needs and not capable(play.needs) then
      return
    end
    judge.forbid("the image file is not to be taken", true)
    local result = master.update { image = bad, version = "2.0.0" }
    check_refused(result, 0, play.name)
  end,
}
