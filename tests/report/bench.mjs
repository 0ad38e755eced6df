// SPDX-License-Identifier: Apache-2.0
// tests/report/bench.mjs - what the tests of the page share: runs that are really played, a browser that has nothing but
// the file, and an ear for everything that a page should not do.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

export const limphome = process.env.LIMPHOME;
export const source = process.env.LIMPHOME_SOURCE;
const WAIT_MS = 10_000;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* A folder of this test, gone with it. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "limphome-report-"));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function run(...words) {
  const done = spawnSync(limphome, words, { encoding: "utf8", timeout: 300_000, stdio: ["ignore", "pipe", "pipe"] });
  return { code: done.status, text: done.stdout + done.stderr };
}

/* Plays cases and makes the page of them; returns its address. Cases may fail: that is what is looked at. */
export function report(out, cases, ...options) {
  const played = run("run", ...cases, "--out", out, ...options);
  assert.ok(played.code === 0 || played.code === 1, played.text);
  return pageOf(out, join(out, "report.html"));
}

export function pageOf(out, path, ...options) {
  const printed = run("report", out, "--html", path, ...options);
  assert.ok([0, 1, 3].includes(printed.code), printed.text);
  return pathToFileURL(path).href;
}

export const browser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
});

/* A page, and the faults that it has made so far: words on the console, errors, requests, dialogs. */
export async function open(chrome, address, { width = 1280, height = 900, hash = "", ...options } = {}) {
  const context = await chrome.newContext({ viewport: { width, height }, locale: "en-GB", ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("popup", (other) => faults.push(`window: ${other.url()}`));
  await context.route("**", (route) => {
    const url = route.request().url();
    if (url.split("#")[0] === address || url.startsWith("data:")) return route.continue();
    faults.push(`request: ${url}`);
    return route.abort();
  });
  await page.goto(address + hash, { waitUntil: "load" });
  return { page, faults, close: () => context.close() };
}

/* What axe-core calls serious or critical. */
export async function barriers(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/* What html-validate says, once each. */
export function faultsOfHtml(address) {
  const validator = new HtmlValidate({
    extends: ["html-validate:recommended"],
    rules: {
      "long-title": "off", /* The title says how it went; that has no fixed length. */
      "no-inline-style": "off", /* Lengths of bars are data. */
      "no-raw-characters": "off", /* ">" in text is right in HTML5, and commands have it. */
      "void-style": "off", "no-trailing-whitespace": "off", "attr-quotes": "off", /* Matters of taste. */
    },
  });
  const { results } = validator.validateStringSync(readFileSync(fileURLToPath(address), "utf8"), "report.html");
  const told = results.flatMap(({ messages }) => messages).map(({ ruleId, message, line, selector }) => `${line}: ${ruleId}: ${message} ${selector}`);
  return [...new Set(told)].slice(0, 20);
}
