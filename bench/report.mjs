// SPDX-License-Identifier: Apache-2.0
// bench/report.mjs - how large the page of a run is, and how long a browser takes to open it.
//
//     node bench/report.mjs LIMPHOME RUN_FOLDER
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { browser, folder } from "../tests/report/bench.mjs";

const ROUNDS = 9;
const [limphome, run] = process.argv.slice(2);
const path = join(folder(), "report.html");
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const begun = performance.now();
const printed = spawnSync(limphome, ["report", run, "--html", path]);
if (!existsSync(path)) {
  console.error(String(printed.stderr));
  process.exit(1);
}
console.log(`printed in ${Math.round(performance.now() - begun)} ms, ${(statSync(path).size / 1e6).toFixed(2)} MB`);

const chrome = await browser();
const took = { interactive: [], loaded: [], painted: [] };
for (let round = 0; round < ROUNDS; round++) {
  const page = await chrome.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
  const times = await page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => setTimeout(() => {
      const { domInteractive, loadEventEnd } = performance.getEntriesByType("navigation")[0];
      done({ interactive: domInteractive, loaded: loadEventEnd, painted: performance.now() });
    }));
  }));
  for (const [name, ms] of Object.entries(times)) took[name].push(ms);
  await page.close();
}
await chrome.close();
console.log(`median of ${ROUNDS}: ${Object.entries(took).map(([name, values]) => `${name} ${Math.round(median(values))} ms`).join(", ")}`);
