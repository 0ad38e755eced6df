// SPDX-License-Identifier: Apache-2.0
// tests/report/sweeps.mjs - results.json of sweeps put together by hand: as many points, phases and verdicts as a real one
// has, with failures where they are wanted.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MS = 1_000_000;
export const BINS = 120, BIN_NS = 14 * MS, START_NS = 312 * MS, UNITS = 40;

const VERDICTS = [
  ["updated", "the new version runs, and the master says so", true, false],
  ["old version runs", "the old version runs, the master says so, and a clean retry updates it", true, false],
  ["updated by a retry", "nothing runs at the end, but a clean retry ends well", true, false],
  ["update lost", "an application runs, but a clean retry does not end well", false, false],
  ["false success", "the master claims success, and it is none", false, true],
  ["bricked", "nothing runs, and a clean retry does not mend it", false, true],
];
const PHASES = [["session", 0, 60], ["unlock", 60, 95], ["erase", 95, 420], ["transfer", 420, 1450], ["verify", 1450, 1530], ["reset", 1530, 1680]];

/* Points of a bin by verdict: more of them while the flash is at work, none in a rest of the bus. */
function countsOf(bin, bad) {
  const at = (bin + 0.5) * 14;
  const points = at < 95 ? 4 + bin % 3 : at < 420 ? 38 + (bin * 7) % 23 : at < 1450 ? 150 + (bin * 37) % 90 : bin % 4 === 0 ? 0 : 6;
  const counts = [points, 0, 0, 0, 0, 0];
  const move = (to, many) => {
    const moved = Math.min(many, counts[0]);
    counts[0] -= moved;
    counts[to] += moved;
  };
  if (at > 80 && at < 130) move(1, 9);
  if (at > 400 && at < 460) move(2, 3);
  if (bad && bin === 107) move(3, 1);
  if (bad && bin >= 109) move(5, bin === 110 ? 4 : bin % 2);
  return counts;
}

function failuresOf(counts) {
  const failures = [];
  counts.forEach((bin, index) => bin.forEach((count, verdict) => {
    for (let i = 0; i < count && !VERDICTS[verdict][2]; i++) {
      const id = `f${1200 + index}.${i}`;
      failures.push({ id, verdict, unit: String(Math.floor(index / 3)), at_ns: String(START_NS + index * BIN_NS + i * MS),
        replay: `limphome explore power --size 8 --style block --resume full --seed 1 --point ${id}`,
        rules: i === 0 ? "" : "INV-5", scenario: i === 0 ? `found/${id}.lua` : "" });
    }
  }));
  return failures;
}

const row = (heading, text, number, merge = "sum", shown_if_zero = false) => ({ heading, text, number: String(number), merge, shown_if_zero });

export function sweep({ bad = false, kind = "power", master = "reference (in process)", part = false, words = null, date = "" } = {}) {
  const counts = Array.from({ length: BINS }, (_, bin) => countsOf(bin, bad));
  const totals = VERDICTS.map((_, verdict) => counts.reduce((sum, bin) => sum + bin[verdict], 0));
  const points = totals.reduce((sum, count) => sum + count, 0);
  const failures = failuresOf(counts);
  const say = (text) => words ?? text;
  return {
    version: "1.2.3", kind: say(kind), master: say(master), identity: say(`${kind} --size 8 --style block --resume full --seed 1`), date,
    files: [], units: String(UNITS), done: part ? "0-9 12" : `0-${UNITS - 1}`,
    rows: [
      row(say("operations of the update"), say("flash commands"), 1264, "same"), row(say("operations of the update"), "steps of emulated EEPROM", 23, "same"),
      row(say("operations of the update"), "bus frames", 1277, "same"),
      row("cuts", "points: each operation before, after 1/5 to 4/5, after; of flash also after 7 and 93 %", points + 1276),
      row("cuts", "left out: the ECU has no supply then", 1), row("cuts", "left out: another point has the same instant", 1275),
      row("cuts", "left out: not in the sample", 0), row("cuts", "cuts", points, "sum", true),
      row("recoveries", "tried", points, "sum", true), row("recoveries", "different states of flash after them", part ? 2 : 7347, "states", true),
      row("recoveries", "not gone through: nothing but the clock has moved since the last", 5079),
    ],
    verdicts: VERDICTS.map(([name, meaning, good, shown_if_zero], i) => ({ name: i === 5 ? say(name) : name, meaning: i === 5 ? say(meaning) : meaning,
      good, shown_if_zero, count: String(totals[i]) })),
    rules: [{ name: "INV-5", meaning: "one request at a time", count: String(failures.filter(({ rules }) => rules).length) },
      { name: "INV-7", meaning: "the data are the segment", count: "0" }],
    failures_all: String(failures.length),
    failures: failures.slice(0, 32).map((failure) => ({ ...failure, id: say(failure.id), replay: say(failure.replay), scenario: say(failure.scenario) })),
    map: { axis: say("instant of the cut"), edges_ns: Array.from({ length: BINS + 1 }, (_, bin) => START_NS + bin * BIN_NS).join(" "),
      phases: PHASES.map(([name, from, to], i) => ({ name: i === 2 ? say(name) : name, start_ns: String(START_NS + from * MS), end_ns: String(START_NS + to * MS) })),
      counts },
    ...(part ? { states: "00000000000000010000000000000002" } : {}),
  };
}

/* Writes results.json of these into a folder, and returns the folder. */
export function save(folder, sweeps, runs = []) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.json"), JSON.stringify({ format: "limphome-results/4", runs, sweeps }));
  return folder;
}
