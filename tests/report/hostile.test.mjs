// SPDX-License-Identifier: Apache-2.0
// tests/report/hostile.test.mjs - what a case and a master say may be anything: it is inert and visible in every format.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browser, folder, open, pageOf, run } from "./bench.mjs";

const WORDS = [
  "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"'><svg onload=alert(3)>", "</noscript><script>alert(4)</script>",
  "]]>", "-->", "<!--", "</title></style>", "&lt;b&amp;", "\u202Egnp.exe", "{{7*7}}", "javascript:alert(5)", "正常",
];
const BYTES = Buffer.concat([Buffer.from(WORDS.join(" ") + " "), Buffer.from([0x01, 0x08, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x7f, 0x20, 0xc0, 0x80, 0xff, 0xed, 0xa0, 0x80])]);
const TITLE = BYTES.subarray(0, 150);
const base = folder(), out = join(base, "out");
let address, chrome;

/* A text of Lua with these bytes. */
const lua = (bytes) => `"${[...Buffer.from(bytes)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;

before(async () => {
  const scenarios = join(base, "scenarios");
  mkdirSync(scenarios);
  writeFileSync(join(scenarios, "hostile <b>'&.lua"), `case { id = "HOSTILE", group = "BAD", title = ${lua(TITLE)}, title_zh = ${lua(TITLE)},
  sources = { ${lua(WORDS[1])} }, run = function(play)
    check.that(${lua(BYTES)}, false, ${lua(BYTES)}, ${lua(BYTES)})
    check.result(master.update { image = image { version = "2.0.0", kb = 4 } }, "SUCCESS")
  end }\n`);
  writeFileSync(join(base, "words"), Buffer.concat([Buffer.from("RESULT "), BYTES, Buffer.from("\n\0\0"), BYTES]));
  writeFileSync(join(base, "adapter.json"), JSON.stringify({
    name: "odd", command: ["/bin/cat", "{adapter}/words"], capabilities: ["version_readback"], limits: { update: "1min" },
    result: { sources: [{ output: "lines", patterns: [{ pattern: "^RESULT (.+)", groups: ["code"] }] }] },
  }));
  const played = run("run", "--scenarios", scenarios, "--master", join(base, "adapter.json"), "--out", out);
  assert.equal(played.code, 1, played.text);
  address = pageOf(out, join(base, "report.html"), "--junit", join(base, "junit.xml"), "--title", WORDS.join(" "));
  chrome = await browser();
});
after(() => chrome?.close());

for (const javaScriptEnabled of [true, false]) {
  test(`nothing acts in the page, JavaScript ${javaScriptEnabled ? "on" : "off"}`, async () => {
    const { page, faults, close } = await open(chrome, address, { javaScriptEnabled, hash: "#HOSTILE" });
    try {
      if (!javaScriptEnabled) await page.locator(".case > summary").first().click();
      const text = await page.locator("main").innerText();
      for (const words of WORDS) {
        assert.ok(text.includes(words.replace("\u202E", "<U+202E>")), words);
      }
      assert.ok(text.includes("\u2401") && text.includes("\u241B[31m\u2421") && text.includes("\uFFFD"), "controls are pictures");
      assert.ok(!/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/.test(text));
      const output = await page.locator("#HOSTILE pre, #HOSTILE .play-output").allTextContents();
      assert.ok(output.some((one) => one.includes("RESULT <script>alert(1)</script>")), "what the master printed");
      assert.equal(await page.locator("img, main script[src], iframe, object").count(), 0);
      assert.deepEqual(faults, []);
    } finally {
      await close();
    }
  });
}

test("JSON is UTF-8 and holds the words", () => {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(join(out, "results.json")));
  const results = JSON.parse(text);
  assert.ok(JSON.stringify(results).includes("alert(1)"));
});

test("JUnit is well-formed and holds the words", () => {
  const script = "import sys, xml.etree.ElementTree as t\nr = t.parse(sys.argv[1]).getroot()\nprint(t.tostring(r, encoding='unicode', method='text') + ' '.join(v for e in r.iter() for v in e.attrib.values()))";
  const parsed = spawnSync("python3", ["-c", script, join(base, "junit.xml")], { encoding: "utf8", env: { ...process.env, PYTHONIOENCODING: "utf-8" } });
  assert.equal(parsed.status, 0, parsed.stderr);
  for (const words of ["<script>alert(1)</script>", "]]>", "-->"]) {
    assert.ok(parsed.stdout.includes(words), words);
  }
});

test("the text of a report is inert", () => {
  const { text } = run("report", out);
  assert.ok(text.includes("<script>alert(1)</script>"));
  assert.ok(!/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/.test(text), JSON.stringify(text).slice(0, 1500));
});
