// SPDX-License-Identifier: Apache-2.0
// tests/guest/programs/node/frames.js - the npm package socketcan as a guest.
"use strict";
const can = require("socketcan");

const channel = can.createRawChannel("can0", true);
const listener = can.createRawChannel("can0", true);
let sentMs;

function send(frame) {
    sentMs = performance.timeOrigin + performance.now();
    channel.send(frame);
}

listener.addListener("onMessage", (frame) => {
    const atMs = frame.ts_sec * 1000 + frame.ts_usec / 1000;
    console.log((atMs - sentMs).toFixed(2), "ms", frame.id.toString(16), frame.data.toString("hex"));
    if (frame.id === 0x7e8) {
        channel.stop();
        listener.stop();
    }
});
// The ECU tells its status in 3D0 ten times a second; here it would only disturb.
listener.setRxFilters({ id: 0x3d0, mask: 0x7ff, invert: true });
channel.start();
listener.start();
setTimeout(() => send({ id: 0x123, data: Buffer.from("deadbeef", "hex") }), 1000);
setTimeout(() => send({ id: 0x1abcdef0, ext: true, data: Buffer.from([1, 2]) }), 2000);
setTimeout(() => send({ id: 0x7e0, data: Buffer.from("0322abcdcccccccc", "hex") }), 3000);
