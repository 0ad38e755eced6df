/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/fault_setting_lua.c - functions that some settings need in a scenario. */
#include "scenarios/explore/fault_setting.h"

const char fault_setting_lua_alter[] =
    "-- Another first byte of data in the line in the middle, with the checksum that fits.\n"
    "local function alter(text)\n"
    "  local from = text:find(\"\\n\", #text // 2 + 1, true) + 1\n"
    "  local line = text:match(\"[^\\n]+\", from)\n"
    "  local digit = string.format(\"%X\", tonumber(line:sub(11, 11), 16) ~ 0xA)\n"
    "  local head, sum = line:sub(1, 10) .. digit .. line:sub(12, -3), 0\n"
    "  for at = 3, #head, 2 do\n"
    "    sum = sum + tonumber(head:sub(at, at + 1), 16)\n"
    "  end\n"
    "  local altered = head .. string.format(\"%02X\", 0xFF - sum % 256)\n"
    "  return text:sub(1, from - 1) .. altered .. text:sub(from + #line)\n"
    "end\n\n";

const char fault_setting_lua_rot[] =
    "-- A bit of the image flips in each file of the state folder that holds it, once the ECU is "
    "asked for\n"
    "-- its programming session.\n"
    "local function rot(of)\n"
    "  local text = file.read(of.name)\n"
    "  local digits = text:match(\"S2[^\\n]+\", text:find(\"\\n\", #text // 2, true)):sub(11, -3)\n"
    "  local bytes = digits:gsub(\"%x%x\", function(byte) return string.char(tonumber(byte, 16)) "
    "end)\n"
    "  bus.wait { by = \"master\", service = 0x10, sub = 2, kind = \"request\", within = \"1min\" "
    "}\n"
    "  for _, name in ipairs(state.list()) do\n"
    "    local held = state.read(name)\n"
    "    local at = held:find(bytes, 1, true) or held:find(digits, 1, true)\n"
    "    if at then store.damage { path = name, how = \"flip\", offset = at + 15, bit = 2 } end\n"
    "  end\n"
    "end\n"
    "\n";

const char fault_setting_lua_careful[] =
    "-- The ECU wants its preconditions asked for since its last start, and the network quiet.\n"
    "local function be_careful()\n"
    "  local asked\n"
    "  ecu.answer { rid = 0x0203, nrc = 0x22, when = function()\n"
    "    asked = ecu.status().resets\n"
    "    return false\n"
    "  end }:optional()\n"
    "  ecu.answer { service = 0x10, sub = 2, nrc = 0x22, phase = \"application\", when = "
    "function()\n"
    "    local seen = ecu.status()\n"
    "    return seen.communication_on or seen.dtc_setting_on or asked ~= seen.resets\n"
    "  end }:optional()\n"
    "end\n\n";
