// SPDX-License-Identifier: Apache-2.0
// tests/report/page.test.mjs - the page in a browser: a master that fails some cases, opened from disk.
import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { barriers, browser, faultsOfHtml, folder, open, report, source } from "./bench.mjs";

const BYTES_MAX = 8_000_000;
const LOAD_MS_MAX = 5_000; /* A machine may be busy: how long it takes is measured in bench/. */
const FAILS = "COM-06", PASSES = "FUN-01", OTHERS = "FUN-02";
const shots = process.env.LIMPHOME_SHOTS;
let address, chrome;

before(async () => {
  address = report(folder(), [FAILS, PASSES, OTHERS], "--master", join(source, "masters/minimal.json"));
  chrome = await browser();
});
after(() => chrome.close());

/* A test with a page of its own, which must not have made a fault in the end. */
function look(name, options, body) {
  test(name, async () => {
    const { page, faults, close } = await open(chrome, address, options);
    try {
      await body(page);
      assert.deepEqual(faults, []);
    } finally {
      await close();
    }
  });
}

const shown = (page) => page.locator(".case:visible .id").allTextContents();
const caseOf = (page, id) => page.locator(".case", { has: page.locator(`#${id}`) });
const english = (page) => page.locator("h1 [lang=en]").isVisible();
const chinese = (page) => page.locator("h1 [lang=zh-Hans]").isVisible();
const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

look("it opens from disk, quickly, and is small", {}, async (page) => {
  assert.match(await page.title(), /^minimal: 1\sof\s3\scases\spassed,\s1\sfailed,\s1\snot\sapplicable/);
  assert.ok(statSync(fileURLToPath(address)).size < BYTES_MAX);
  const took = await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
  assert.ok(took > 0 && took < LOAD_MS_MAX, `${took} ms`);
});

for (const javaScriptEnabled of [true, false]) {
  look(`languages are switched, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { javaScriptEnabled }, async (page) => {
    assert.ok(await english(page) && !(await chinese(page)));
    await page.locator("#page-lang-zh").check();
    assert.ok(await chinese(page) && !(await english(page)));
    assert.match(await page.locator("h1").innerText(), /3\s*个用例中\s*1\s*个通过/);
    await page.locator("#page-lang-en").check();
    assert.ok(await english(page) && !(await chinese(page)));
  });

  look(`themes are switched, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { javaScriptEnabled, colorScheme: "light" }, async (page) => {
    const light = await background(page);
    await page.locator("#page-theme-dark").check();
    const dark = await background(page);
    assert.notEqual(dark, light);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator("#page-theme-light").check();
    assert.equal(await background(page), light);
    await page.locator("#page-theme-auto").check();
    assert.equal(await background(page), dark);
  });
}

look("a reader of Chinese is met in Chinese", { locale: "zh-CN" }, async (page) => {
  assert.ok(await chinese(page));
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
});

look("cases are picked by verdict, by group, and by words", {}, async (page) => {
  assert.deepEqual(await shown(page), [PASSES, OTHERS, FAILS]);
  await page.locator("input[name=verdict][value=fail]").check();
  assert.deepEqual(await shown(page), [FAILS]);
  await page.locator("#page-only-all").check();
  await page.locator("#page-pick-group").selectOption("FUN");
  assert.deepEqual(await shown(page), [PASSES, OTHERS]);
  await page.locator("#page-pick-group").selectOption("");
  for (const [words, ids] of [["late DUPL", [FAILS]], ["迟到", [FAILS]], ["inv-5", [FAILS]], ["fun-0", [PASSES, OTHERS]], ["nothing like it", []]]) {
    await page.locator("#page-find").fill(words);
    assert.deepEqual(await shown(page), ids, words);
  }
  assert.ok(await page.locator("#page-none").isVisible());
});

look("an address opens its case, whatever was picked", { hash: `#${FAILS}` }, async (page) => {
  await page.locator(`#${FAILS}`).getByText("one request at a time to each ECU").first().waitFor();
  await page.keyboard.press("Tab");
  assert.ok(await caseOf(page, FAILS).evaluate((details) => details.contains(document.activeElement)), "reading goes on there");
  await page.locator("#page-find").fill("nothing like it");
  await page.evaluate((id) => { location.hash = id; }, PASSES);
  await caseOf(page, PASSES).locator(".case-body").waitFor({ state: "visible" });
});

look("the keyboard is enough", {}, async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("/");
  await page.keyboard.type("com-");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  assert.ok(await caseOf(page, FAILS).locator(".case-body").isVisible());
  const there = () => page.evaluate(() => document.activeElement.matches(".tl-live .tl-stage"));
  for (let i = 0; i < 60 && !(await there()); i++) {
    await page.keyboard.press("Tab");
  }
  assert.ok(await there(), "Tab leads to the timeline");
  const whole = await axis(page);
  await page.keyboard.press("+");
  await page.waitForFunction((old) => document.querySelector(".tl-live .tl-axis").textContent !== old, whole);
  await page.keyboard.press("0");
  await page.waitForFunction((old) => document.querySelector(".tl-live .tl-axis").textContent === old, whole);
});

const axis = (page) => page.locator(".tl-live .tl-axis").first().textContent();
const flags = (page) => page.locator(".tl-live").first().locator(".tl-flags [data-focus]").count();

look("a failing case tells what happened", { hash: `#${FAILS}` }, async (page) => {
  const body = page.locator(`#${FAILS}`);
  const text = await body.innerText();
  for (const words of ["INV-5", "one request at a time to each ECU", "which the ECU had said it was working on (78)", "bus.delay", "late-22"]) {
    assert.ok(text.includes(words), words);
  }
  assert.match(await body.locator(".play-command").first().innerText(), /^limphome replay \S+COM-06\/late-22$/);
  assert.ok(await body.locator(".tl-messages tbody tr").count() > 5);
  assert.match(await body.locator(".tl-messages").first().innerText(), /10 DiagnosticSessionControl[\s\S]*7F/);
  assert.match(await body.locator(".tl-messages").first().innerText(), /\b02 10 03\b|\b10 03\b/);
});

/* It begins when it is first seen. */
async function live(page) {
  await page.locator("figure.tl").first().scrollIntoViewIfNeeded();
  await page.locator("figure.tl-live").first().waitFor();
}

look("the timeline zooms, and comes back", { hash: `#${FAILS}` }, async (page) => {
  const figure = page.locator("figure.tl-live").first();
  await live(page);
  const whole = await axis(page);
  const changed = () => page.waitForFunction((old) => document.querySelector(".tl-live .tl-axis").textContent !== old, whole);
  const same = () => page.waitForFunction((old) => document.querySelector(".tl-live .tl-axis").textContent === old, whole);
  assert.ok(await flags(page) > 0, "the violated instant is marked");
  await figure.locator("button[data-do=in]").click();
  await changed();
  await figure.locator("button[data-do=all]").click();
  await same();
  await figure.locator("button[data-do=focus]").click();
  await changed();
  assert.ok(await figure.locator(".tl-read").innerText() !== "");
  await figure.locator(".tl-stage").dblclick({ position: { x: 600, y: 60 } });
  await same();
  const box = await figure.locator(".tl-stage").boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await changed();
});

for (const [colorScheme, language, hash] of [["light", "en", ""], ["dark", "zh", ""], ["light", "zh", `#${FAILS}`], ["dark", "en", `#${FAILS}`]]) {
  look(`nothing bars anybody: ${colorScheme}, ${language}, ${hash || "as it opens"}`, { colorScheme, hash }, async (page) => {
    await page.locator(`#page-lang-${language}`).check();
    assert.deepEqual(await barriers(page), []);
  });
}

look("all of it is there without JavaScript", { javaScriptEnabled: false }, async (page) => {
  await caseOf(page, FAILS).locator("summary").first().click();
  const body = page.locator(`#${FAILS}`);
  const text = await body.innerText();
  for (const words of ["INV-5", "one request at a time", "which the ECU had said it was working on (78)", "limphome replay", "DiagnosticSessionControl"]) {
    assert.ok(text.includes(words), words);
  }
  const svg = await body.locator(".tl-stage svg").first().boundingBox();
  assert.ok(svg.width > 300 && svg.height > 100);
  assert.ok(await body.locator(".tl-messages tbody tr").first().isVisible());
  assert.ok(await page.locator("#page-find").isHidden(), "what needs JavaScript is not there");
});

for (const width of [360, 768]) {
  look(`${width} pixels are enough`, { width, height: 740, hash: `#${FAILS}` }, async (page) => {
    await live(page);
    for (const language of ["#page-lang-en", "#page-lang-zh"]) {
      await page.locator(language).check();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  });
}

look("it is printed with what failed", { colorScheme: "dark" }, async (page) => {
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(await page.locator(`#${FAILS}`).isVisible());
  const [red, green, blue] = (await background(page)).match(/\d+/g).map(Number);
  assert.ok(red + green + blue === 0 || red + green + blue > 700, "paper is white");
});

test("it is valid HTML", () => {
  assert.deepEqual(faultsOfHtml(address), []);
});

/* For eyes: nothing is compared. */
for (const [name, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
  for (const colorScheme of ["light", "dark"]) {
    look(`pictures for eyes: ${name}, ${colorScheme}`, { width, height, colorScheme }, async (page) => {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true });
      await page.evaluate((id) => { location.hash = id; }, FAILS);
      await live(page);
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}-case.png`), fullPage: true });
      assert.ok(statSync(join(shots, `${name}-${colorScheme}-case.png`)).size > 20_000);
    });
  }
}
