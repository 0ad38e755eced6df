// SPDX-License-Identifier: Apache-2.0
// tests/guest/time/program.js - timers, children and workers of node.
"use strict";
const { spawn, execFile, execFileSync } = require("child_process");
const fs = require("fs");
const net = require("net");
const { Worker, isMainThread, parentPort } = require("worker_threads");

const SECOND_NS = 1000000000n;
const unitNs = BigInt(process.env.TIME_UNIT_NS || SECOND_NS);
const beginNs = process.hrtime.bigint();

// libuv counts in milliseconds from the start of its loop's turn, so the figure is not exact.
function stamp(...words) {
    const quarters = Math.floor((Number(process.hrtime.bigint() - beginNs) * 4) / Number(unitNs) + 0.125);
    fs.writeSync(1, [quarters / 4, ...words].join(" ") + "\n");
}

const ms = (count) => (count * Number(unitNs)) / 1e6;
const seconds = (count) => String(ms(count) / 1000);
const sleep = (count) => new Promise((done) => setTimeout(done, ms(count)));

const parts = {
    async timers() {
        setTimeout(() => stamp("three"), ms(3));
        setTimeout(() => stamp("one"), ms(1));
        let turns = 0;
        const interval = setInterval(() => {
            stamp("interval", ++turns);
            if (turns === 3) clearInterval(interval);
        }, ms(1.25));
        setImmediate(() => stamp("immediate"));
        await sleep(2);
        stamp("awaited");
    },
    async children() {
        const child = spawn("sh", ["-c", `sleep ${seconds(2)}; echo hello; exit 4`]);
        child.stdout.on("data", (data) => stamp("says", String(data).trim()));
        await new Promise((done) => child.on("close", (code) => (stamp("code", code), done())));
        stamp(execFileSync("sh", ["-c", `sleep ${seconds(1)}; echo synchronous`]).toString().trim());
        execFile("sleep", [seconds(100)], { timeout: ms(2) }, (error) => stamp(error.signal));
    },
    async files() {
        await Promise.all([1, 2, 3, 4, 5, 6].map(() => fs.promises.readFile(__filename)));
        stamp("read");
    },
    async sockets() {
        const server = net.createServer((socket) =>
            socket.on("data", async (data) => (await sleep(1), socket.end(data))));
        await new Promise((done) => server.listen(0, "127.0.0.1", done));
        const socket = net.connect(server.address().port, "127.0.0.1", () => socket.write("hello"));
        socket.on("data", (data) => stamp(String(data)));
        socket.on("end", () => (stamp("end"), server.close()));
    },
    async workers() {
        const worker = new Worker(__filename, { argv: ["worker"] });
        worker.on("message", (text) => stamp(text));
        await new Promise((done) => worker.on("exit", done));
        stamp("worker gone");
    },
    async atomics() {
        const word = new Int32Array(new SharedArrayBuffer(4));
        stamp(Atomics.wait(word, 0, 0, ms(2)));
    },
};

if (isMainThread) {
    parts[process.argv[2]]();
} else {
    setTimeout(() => parentPort.postMessage("from the worker"), ms(2));
}
