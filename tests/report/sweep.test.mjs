// SPDX-License-Identifier: Apache-2.0
// tests/report/sweep.test.mjs - sweeps in the page: the sentence, the map, what went wrong, and pages that have nothing
// but sweeps, or none.
import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { barriers, browser, faultsOfHtml, folder, open, pageOf, run } from "./bench.mjs";
import { BINS, save, sweep } from "./sweeps.mjs";

const WORDS = "<script>alert(1)</script> \"'><svg onload=alert(2)> </title> --> \u202Egnp {{7*7}} 正常";
const shots = process.env.LIMPHOME_SHOTS;
const base = folder();
const addresses = {};
let chrome;

const CASE = { id: "FUN-01", group: "FUN", title: "An update", title_zh: "更新", file: "x.lua", sources: "", tags: "", vehicle: "single", priority: 1,
  verdict: "pass", plays: [{ name: "", number: 1, seed: "1", verdict: "pass", error: "", term: "SUCCESS", checks: 1, virtual_ns: "1000", wall_ns: "1000",
    digest: "", folder: "", findings: [], injections: [] }] };
const RUN = { version: "1.2.3", master: "reference", date: "", seed: "1", repeat: 1, settings: [], parts: [], wall_ns: "1", cases: [CASE] };

before(async () => {
  const made = {
    good: [[sweep()]],
    bad: [[sweep({ bad: true })]],
    several: [[sweep(), sweep({ bad: true, kind: "storage" }), sweep({ part: true, kind: "faults" })]],
    part: [[sweep({ part: true })]],
    hostile: [[sweep({ bad: true, words: WORDS })]],
    mixed: [[sweep({ bad: true, master: "reference" })], [RUN]],
  };
  for (const [name, [sweeps, runs]] of Object.entries(made)) {
    save(join(base, name), sweeps, runs);
    addresses[name] = pageOf(join(base, name), join(base, `${name}.html`), "--junit", join(base, `${name}.xml`));
  }
  chrome = await browser();
});
after(() => chrome?.close());

/* A test with a page of its own, which must not have made a fault in the end. */
function look(name, which, options, body) {
  test(name, async () => {
    const { page, faults, close } = await open(chrome, addresses[which], options);
    try {
      await body(page);
      assert.deepEqual(faults, []);
    } finally {
      await close();
    }
  });
}

const heading = (page) => page.locator("h1 [lang=en]").innerText();

for (const javaScriptEnabled of [true, false]) {
  look(`sweeps alone make a page, JavaScript ${javaScriptEnabled ? "on" : "off"}`, "good", { javaScriptEnabled }, async (page) => {
    assert.equal(await heading(page), "None of 15,580 points went wrong.");
    assert.equal(await page.title(), "reference (in process): None of 15,580 points went wrong. – limphome");
    assert.deepEqual(await page.locator("main > section").evaluateAll((all) => all.map(({ id }) => id)), ["", "page-sweeps"]);
    assert.deepEqual(await page.locator("nav a:visible").allInnerTexts(), ["Sweeps"]);
    assert.equal(await page.locator(".skip").getAttribute("href"), "#page-sweeps");
    assert.equal(await page.locator(".overview.is-pass, .sweep.is-pass").count(), 2);
    assert.equal(await page.locator(".sweep-failures").count(), 0);
    assert.match(await page.locator(".sweep").innerText(), /limphome explore power --size 8 --style block --resume full --seed 1/);
    assert.match(await page.locator(".sweep-tables").innerText(), /7,347\s+different states of flash after them/);
    await page.locator("#page-lang-zh").check();
    assert.equal(await page.locator("h1 [lang=zh-Hans]").innerText(), "15,580 个测试点全部正常。");
    assert.match(await page.locator(".sweep-tables").innerText(), /1,264\s+闪存命令/);
  });
}

look("the map tells nothing tried, nothing found and something found apart", "bad", {}, async (page) => {
  await page.locator(".sw-as-time").first().check();
  const map = page.locator(".sw-by-time").first();
  assert.equal(await map.locator(".sw-bad path").count(), 8, "stretches in which something went wrong");
  assert.equal(await map.locator(".sw-hit").count(), BINS, "each bin says what it has");
  const titles = await map.locator(".sw-hit title").allTextContents();
  assert.ok(titles.some((title) => /^1\.81\d* s – 1\.8\d* s\n1 update lost \/ 更新丢失\n\d+ updated \/ 已更新$/.test(title)), titles[107]);
  assert.equal(titles.filter((title) => title.includes("nothing tried")).length, 4);
  assert.match(await map.locator(".sw-flags").textContent(), /erase.*transfer.*reset/);
  assert.equal(await page.locator(".sw-key .sw-untried").count(), 1);
  const loud = await map.locator(".sw-loud").allTextContents();
  assert.deepEqual(loud.map((text) => text.replace(/\p{Script=Han}+/u, "")), ["update lost", "bricked", "1", "10"]);
  const strengths = await map.locator(".sw-good path").evaluateAll((all) => all.map((path) => Number(path.getAttribute("fill-opacity"))));
  assert.ok(Math.min(...strengths) > 0.15 && Math.max(...strengths) === 1);
  assert.ok(await map.locator(".sw-bad path").evaluateAll((all) => all.every((path) => Number(path.getAttribute("fill-opacity")) > 0.7)), "one is seen");
});

look("by operations each phase has room by its points, by time by how long it takes", "bad", {}, async (page) => {
  const width = async (view, phase) => (await page.locator(`.sw-by-${view} .sw-phase`).nth(phase).boundingBox()).width;
  assert.ok(await page.locator(".sw-by-points").isVisible() && !await page.locator(".sw-by-time").isVisible());
  const erase = await width("points", 2), transfer = await width("points", 3);
  const cells = await page.locator(".sw-by-points .sw-hit title").allTextContents();
  assert.equal(cells.filter((title) => title.includes("nothing tried")).length, 0, "what has no points has no room");
  await page.locator(".sw-as-time").check();
  assert.ok(!await page.locator(".sw-by-points").isVisible() && await page.locator(".sw-by-time").isVisible());
  assert.ok(transfer / erase > 1.3 * await width("time", 3) / await width("time", 2), "the transfer has gained");
  for (const view of ["points", "time"]) {
    await page.locator(`.sw-as-${view}`).check();
    for (const [text, parts] of [["flag", ".sw-flag > span"], ["tick", ".sw-tick"]]) {
      const boxes = await Promise.all((await page.locator(`.sw-by-${view} ${parts}`).all()).map((part) => part.boundingBox()));
      const crossing = boxes.filter((a, i) => boxes.some((b, k) => k > i && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height - 2 && b.y < a.y + a.height - 2));
      assert.deepEqual(crossing, [], `${view}: no ${text} lies on another`);
      assert.ok(boxes.length > 3);
    }
  }
});

look("the rules that were broken are named, and how often", "bad", {}, async (page) => {
  assert.match(await page.locator(".sweep-tables").innerText(), /\d\s+INV-5: one request at a time/);
  assert.doesNotMatch(await page.locator(".sweep-tables").innerText(), /INV-7/);
  assert.match(await page.locator(".sweep-failures .broke").first().innerText(), /^broke INV-5$/);
  await page.locator("#page-lang-zh").check();
  assert.match(await page.locator(".sweep-tables").innerText(), /INV-5：同一时间只有一个请求/);
});

look("the map is there as a table", "bad", { javaScriptEnabled: false }, async (page) => {
  await page.locator(".sweep-table > summary").click();
  const rows = page.locator(".sweep-table table:not(.sw-phase-rows) tbody tr");
  assert.ok(await rows.count() > BINS / 2);
  assert.ok(await rows.locator("td.loud").count() > 4);
  assert.match(await page.locator(".sw-phase-rows").innerText(), /erase\s+0\.407000 s\s+0\.732000 s/);
  assert.match(await page.locator(".sweep-table thead").first().innerText(), /instant of the cut.*updated.*bricked/s);
});

look("what went wrong has its command, and its scenario", "bad", {}, async (page) => {
  assert.equal(await heading(page), "11 of 15,580 points went wrong.");
  const first = page.locator(".sweep-failures li").first();
  assert.match(await first.innerText(), /update lost\s+f1307\.0\s+at 1\.810000 s\s+the same as a scenario/);
  assert.match(await first.locator(".play-command").innerText(), /^limphome explore power .* --point f1307\.0$/);
  assert.ok(await first.locator(".play-copy").isVisible());
  assert.equal(await first.locator("a").evaluate((link) => link.href), pathToFileURL(join(base, "bad/found/f1307.0.lua")).href);
  assert.equal(await page.locator(".sweep-failures li:visible").count(), 6);
  await page.locator(".sweep .fold > summary").click();
  assert.equal(await page.locator(".sweep-failures li:visible").count(), 11);
});

look("a part is no whole", "part", {}, async (page) => {
  assert.equal(await heading(page), "None of 15,580 points went wrong, but not all was swept: 29 units of work are missing.");
  assert.equal(await page.locator(".overview.is-error, .sweep.is-error").count(), 2);
  assert.match(await page.locator(".sweep .facts").innerText(), /11 of 40: a part/);
});

look("of several each has its line and its place", "several", {}, async (page) => {
  assert.deepEqual(await page.locator(".runs .verdict:visible [lang=en]").allInnerTexts(), ["pass", "fail", "error"]);
  await page.locator(".runs a").nth(1).click();
  assert.equal(await page.evaluate(() => location.hash), "#page-sweep-2");
});

look("cases and sweeps share a page", "mixed", {}, async (page) => {
  assert.equal(await heading(page), "The one case passed. 11 of 15,580 points went wrong.");
  assert.equal(await page.locator(".overview.is-fail").count(), 1);
  for (const id of ["page-groups", "page-sweeps", "page-coverage", "page-identity", "page-cases"]) {
    assert.equal(await page.locator(`#${id}`).count(), 1, id);
  }
});

look("nothing that a sweep says acts", "hostile", {}, async (page) => {
  const text = await page.locator("main").innerText();
  assert.ok(text.includes(WORDS.replace("\u202E", "<U+202E>")), text.slice(0, 500));
  assert.equal(await page.locator("main script, main img").count(), 0);
});

for (const which of ["several", "bad"]) {
  for (const [colorScheme, language] of [["light", "en"], ["dark", "zh"]]) {
    look(`nothing bars anybody: ${which}, ${colorScheme}, ${language}`, which, { colorScheme }, async (page) => {
      await page.locator(`#page-lang-${language}`).check();
      await page.locator(".sweep-table > summary").first().click();
      assert.deepEqual(await barriers(page), []);
    });
  }
}

for (const width of [360, 768]) {
  look(`${width} pixels are enough`, "several", { width, height: 740 }, async (page) => {
    for (const language of ["#page-lang-en", "#page-lang-zh"]) {
      await page.locator(language).check();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  });
}

for (const which of ["good", "bad", "several", "part", "hostile", "mixed"]) {
  test(`it is valid HTML: ${which}`, () => {
    assert.deepEqual(faultsOfHtml(addresses[which]), []);
  });
}

test("results without sweeps say nothing of any", async () => {
  const out = save(join(base, "cases"), undefined, [RUN]);
  const { page, close } = await open(chrome, pageOf(out, join(base, "cases.html")));
  assert.equal(await page.locator("#page-sweeps, .sweep, .sw, nav a[href='#page-sweeps']").count(), 0);
  assert.equal(await heading(page), "The one case passed.");
  await close();
});

test("a sweep that was really made is shown", async () => {
  const out = join(base, "made");
  const swept = run("explore", "power", "--size", "1", "--out", out);
  assert.equal(swept.code, 0, swept.text);
  const address = pageOf(out, join(base, "made.html"));
  const { page, faults, close } = await open(chrome, address);
  assert.match(await heading(page), /^None of [\d,]+ points went wrong\.$/);
  assert.ok(await page.locator(".sw-good path").count() > 10);
  assert.ok(await page.locator(".sw-flag").count() > 4);
  assert.deepEqual(await barriers(page), []);
  const english = await page.locator(".sweep-tables tbody th:not(:has([lang=zh-Hans]))").allInnerTexts();
  assert.deepEqual(english, [], "what is not known in Chinese");
  assert.deepEqual(faultsOfHtml(address), []);
  assert.deepEqual(faults, []);
  await close();
});

/* For eyes: nothing is compared. */
for (const [name, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
  for (const [colorScheme, language] of [["light", "en"], ["dark", "zh"]]) {
    look(`pictures for eyes: ${name}, ${colorScheme}`, "several", { width, height, colorScheme }, async (page) => {
      mkdirSync(shots, { recursive: true });
      await page.locator(`#page-lang-${language}`).check();
      const path = join(shots, `sweeps-${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      assert.ok(statSync(path).size > 20_000 && statSync(fileURLToPath(addresses.several)).size < 1_000_000);
    });
  }
}
