/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page/timeline.js - lets a reader zoom into the timeline that the page shows as a drawing.
 *
 * Each <figure class="tl"> becomes live when it is first seen. Its labels, patterns and rows stay;
 * the bars are drawn anew for the part in view, from the data beside it (html_timeline.h), and the
 * curves by uPlot, which lie over their rows. Times are microseconds since the play began. */
(() => {
  "use strict";

  /* Measures as in html_drawing.h. */
  const BAR_ROW = 26, BAR = 18, SECOND_ROW = 16, SECOND_BAR = 13, CURVE_ROW = 52, CURVE = 40, AXIS = 22, FLAG_ROW = 19, FOOT = 4, CHAR = 7;
  const LEFT = 182, RIGHT = 14, NARROW = 640, NARROW_LABEL = 16;
  const NARROWEST_VIEW = 20;
  const LOWEST = -0.03, HIGHEST = 1.04; /* Ends of the scale of a curve, as parts of its highest value. */
  const TONES = ["plain", "busy", "good", "warn", "bad"];
  const MARKS = ["l1 0v18h-2v-18z", "l1 0v18h-2v-18z", "a5 5 0 1 1-.01 0z", "l6 14h-12z", "l7 9l-7 9l-7-9z"];
  const MARK_TOP = [0, 0, 4, 2, 0];

  const node = (name, attributes = {}, ...children) => {
    const made = /^(svg|g|path|rect|text|title|circle|line)$/.test(name)
      ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const both = (en, zh) => [node("span", { lang: "en" }, en), node("span", { lang: "zh-Hans" }, zh)];
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const cut = (text, chars) => text.length <= chars ? text : text.slice(0, Math.max(chars - 1, 1)) + "…";
  const px = (value) => Math.round(value * 10) / 10;

  const instant = (us) => `${(Math.floor(us) / 1e6).toFixed(6)} s`;
  const duration = (us) => us >= 1e6 ? `${(us / 1e6).toFixed(3)} s`
    : us >= 1e3 ? `${(us / 1e3).toFixed(3)} ms` : `${us.toFixed(3)} µs`;
  const offset = (us) => us === 0 ? "0" : (us > 0 ? "+" : "−") + duration(Math.abs(us));
  const reading = (kind, value) => {
    const short = (number) => String(Number(number.toPrecision(4)));
    if (kind === "supply") return `${short(value / 1000)} V`;
    if (kind === "bus load") return `${short(value)} %`;
    return value >= 1024 ? `${short(value / 1024)} KB` : `${short(value)} B`;
  };

  /* 1, 2 or 5 times a power of ten, so that labels do not touch. */
  const tickOf = (length, most) => {
    let tick = 10 ** Math.floor(Math.log10(length / most));
    for (const factor of [2, 2.5, 2, 2, 2.5]) {
      if (length / tick <= most) break;
      tick *= factor;
    }
    return tick;
  };

  /* The lists of numbers as objects, distances summed up. */
  const unpack = (data) => {
    for (const lane of data.lanes) {
      let at = 0;
      if (lane.points) {
        lane.x = [];
        lane.y = [];
        for (let i = 0; i < lane.points.length; i += 2) {
          lane.x.push((at += lane.points[i]));
          lane.y.push(lane.points[i + 1]);
        }
        continue;
      }
      const flat = lane.spans;
      lane.spans = [];
      for (let i = 0; i < flat.length; i += 5) {
        const [, length, text, tone, count] = flat.slice(i, i + 5);
        at += flat[i];
        lane.spans.push({
          from: at, to: at + length, text: data.texts[text < 0 ? -1 - text : text], mixed: text < 0, tone, count,
        });
      }
      lane.hasSecond = place(lane.spans);
    }
    return data;
  };

  /* As in timeline_view.c: what is plain gives way to what is not, and the later to the earlier. */
  const place = (spans) => {
    spans.forEach((span, number) => {
      span.second = spans.some((other, i) => {
        const same = (other.tone === 0) === (span.tone === 0);
        const first = same ? i < number && !other.second : span.tone === 0;
        return i !== number && first && span.from < other.to && other.from < span.to;
      });
    });
    return spans.some((span) => span.second);
  };

  const nameOf = (span) => span.text + (span.mixed ? " + …" : "") + (span.count > 1 ? ` ×${span.count}` : "");

  class Timeline {
    constructor(figure) {
      this.figure = figure;
      this.stage = figure.querySelector(".tl-stage");
      this.svg = this.stage.querySelector("svg");
      this.data = unpack(JSON.parse(document.getElementById(figure.dataset.from).textContent));
      this.rows = [...this.svg.querySelectorAll(".tl-row")];
      this.labels = this.rows.map((row) => row.querySelector(".tl-label"));
      this.patterns = figure.dataset.from.replace(/-data$/, "");
      this.violated = this.svg.querySelector(".tl-violated") !== null;
      this.from = 0;
      this.to = this.data.end;
      this.cursor = null;
      this.focus = -1;
      this.pointers = new Map();
      this.table = figure.parentElement.querySelector(".tl-messages");
      figure.classList.add("tl-live");
      this.strip();
      this.addBar();
      this.addCurves();
      this.addMessages();
      this.listen();
      this.layOut();
    }

    /* What the drawing shows of the whole play gives way to layers that are drawn anew. */
    strip() {
      for (const old of this.svg.querySelectorAll(".tl-grid, .tl-axis, .tl-flags")) old.remove();
      for (const row of this.rows) row.querySelectorAll(":scope > g").forEach((bars) => bars.remove());
      this.grid = node("path", { class: "tl-grid" });
      this.axis = node("g", { class: "tl-axis" });
      this.bars = this.rows.map((row) => row.appendChild(node("g")));
      this.flags = node("g", { class: `tl-flags${this.violated ? " tl-violated" : ""}` });
      this.line = node("g", { class: "tl-cursor" });
      this.selection = node("rect", { class: "tl-select", width: 0 });
      this.svg.prepend(this.grid);
      this.svg.append(this.axis);
      this.over = node("svg", { class: "tl-over", "aria-hidden": "true" });
      this.over.append(this.flags, this.selection, this.line);
      this.read = node("output", { class: "tl-read" });
      this.stage.append(this.over, this.read);
    }

    addBar() {
      const bar = node("div", { class: "tl-bar" });
      const button = (name, sign, en, zh, act) => {
        const made = node("button", { type: "button", "data-do": name });
        if (sign) made.append(node("span", { "aria-hidden": "true" }, sign));
        const words = node("span", sign ? { class: "tl-hidden" } : {}, ...both(en, zh));
        made.append(words);
        made.addEventListener("click", act);
        bar.append(made);
        return made;
      };
      this.buttons = {
        in: button("in", "+", "Zoom in", "放大", () => this.zoom(0.5)),
        out: button("out", "−", "Zoom out", "缩小", () => this.zoom(2)),
        all: button("all", "", "Whole play", "全程", () => this.show(0, this.data.end)),
      };
      if (this.data.foci.length > 0) {
        const [en, zh] = this.violated ? ["What was violated", "违反处"] : ["Fault", "故障处"];
        this.buttons.focus = button("focus", "", en, zh, () => this.toFocus((this.focus + 1) % this.data.foci.length));
      }
      bar.append(node("small", { class: "tl-by-touch" }, ...both(
        "Drag to move, pinch to zoom, tap to read", "拖动平移，双指缩放，点按读数")));
      bar.append(node("small", { class: "tl-by-mouse" }, ...both(
        "Drag to zoom, double-click for all; with the keyboard + − 0 ← →, Shift moves the line; the wheel zooms once clicked, or with Ctrl",
        "拖动选区放大，双击还原；键盘：+ − 0 ← →，Shift 移动读数线；点击后或按住 Ctrl 用滚轮缩放")));
      this.stage.before(bar);
    }

    addCurves() {
      this.curves = this.data.lanes.map((lane) => {
        if (!lane.points) return null;
        const box = node("div", { class: "tl-curve" });
        this.stage.append(box);
        const colours = getComputedStyle(box);
        const x = [...lane.x, this.data.end];
        const plot = new uPlot({
          width: 100, height: CURVE, padding: [0, 0, 0, 0],
          legend: { show: false }, select: { show: false },
          cursor: { show: false },
          scales: { x: { time: false, range: (_, low, high) => [low, high] }, y: { range: [LOWEST * lane.high, HIGHEST * lane.high] } },
          axes: [{ show: false }, { show: false }],
          series: [{}, {
            stroke: () => colours.color, fill: () => colours.borderTopColor, width: 1.5,
            paths: uPlot.paths.stepped({ align: 1 }), points: { show: false },
          }],
        }, [x, [...lane.y, lane.y[lane.y.length - 1]]], box);
        return { box, plot };
      });
    }

    /* Times in the table of messages become buttons that move the timeline there. */
    addMessages() {
      this.messages = this.table ? [...this.table.querySelectorAll("tr[data-at]")] : [];
      for (const row of this.messages) {
        const head = row.querySelector("th");
        const button = node("button", { type: "button" });
        button.append(head.firstChild);
        head.prepend(button);
        row.addEventListener("click", () => this.toMessage(row));
      }
      const first = this.messages.find((row) => row.classList.contains("tl-instant"));
      if (first) this.scrollTo(first);
    }

    layOut() {
      this.width = this.stage.clientWidth;
      this.narrow = this.width < NARROW;
      this.left = this.narrow ? 8 : LEFT;
      this.plot = Math.max(this.width - this.left - (this.narrow ? 8 : RIGHT), 50);
      this.stand = this.narrow ? NARROW_LABEL : 0;
      this.flagRows = Math.min(this.data.foci.length, this.narrow ? 1 : 3);
      this.top = AXIS + FLAG_ROW * this.flagRows + 4;
      this.tops = [];
      let y = this.top;
      this.data.lanes.forEach((lane, i) => {
        this.tops.push(y + this.stand);
        const label = this.labels[i];
        label.setAttribute("x", this.narrow ? 8 : 10);
        label.setAttribute("y", this.narrow ? y + 13 : y + 17);
        this.rows[i].querySelector(".tl-rule").setAttribute("d", `M0 ${y}H${this.width}`);
        y += this.stand + (lane.points ? CURVE_ROW : BAR_ROW) + (lane.hasSecond ? SECOND_ROW : 0);
        const curve = this.curves[i];
        if (curve) {
          curve.box.style.left = `${this.left}px`;
          curve.box.style.top = `${this.tops[i] + (CURVE_ROW - CURVE) / 2}px`;
          curve.plot.setSize({ width: this.plot, height: CURVE });
        }
      });
      this.height = y + FOOT;
      for (const layer of [this.svg, this.over]) {
        layer.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
        layer.setAttribute("height", this.height);
      }
      this.draw();
    }

    x(at) {
      return this.left + (at - this.from) * this.plot / (this.to - this.from);
    }

    at(x) {
      return this.from + (x - this.left) * (this.to - this.from) / this.plot;
    }

    /* The one way in which what is in view changes. */
    show(from, to) {
      const length = clamp(to - from, Math.min(NARROWEST_VIEW, this.data.end), this.data.end);
      this.from = clamp((from + to - length) / 2, 0, this.data.end - length);
      this.to = this.from + length;
      this.soon ??= requestAnimationFrame(() => this.draw());
    }

    zoom(factor, around = this.cursor ?? (this.from + this.to) / 2) {
      const at = clamp(around, this.from, this.to);
      const length = clamp((this.to - this.from) * factor, Math.min(NARROWEST_VIEW, this.data.end), this.data.end);
      const from = at - (at - this.from) * length / (this.to - this.from);
      this.show(from, from + length);
    }

    move(part) {
      const by = (this.to - this.from) * part;
      this.show(this.from + by, this.to + by);
    }

    draw() {
      this.soon = undefined;
      this.figure.dataset.viewFrom = (this.from / 1e6).toFixed(6);
      this.figure.dataset.viewTo = (this.to / 1e6).toFixed(6);
      const whole = this.to - this.from >= this.data.end;
      this.buttons.out.disabled = this.buttons.all.disabled = whole;
      this.drawAxis();
      this.data.lanes.forEach((lane, i) => lane.points ? this.drawCurve(lane, i) : this.drawBars(lane, i));
      this.drawFlags();
      this.drawCursor();
    }

    drawAxis() {
      const tick = tickOf(this.to - this.from, Math.max(Math.floor(this.plot / 95), 2));
      const digits = clamp(6 - Math.floor(Math.log10(tick) + 1e-9), 0, 6);
      const texts = [];
      let lines = "", last = -Infinity;
      for (let i = Math.ceil(this.from / tick - 1e-9); i * tick <= this.to; i++) {
        const x = px(this.x(i * tick));
        const text = `${(i * tick / 1e6).toFixed(digits)} s`;
        const half = text.length * 3;
        lines += `M${x} ${this.top - 5}V${this.height - FOOT}`;
        const at = clamp(x, half, this.width - half - 2);
        if (at - half < last) continue;
        last = at + half + 8;
        texts.push(node("text", { x: at, y: this.top - 8 }, text));
      }
      this.grid.setAttribute("d", lines);
      this.axis.replaceChildren(...texts);
    }

    drawCurve(lane, i) {
      const y = this.tops[i] + (CURVE_ROW - CURVE) / 2;
      const at = this.narrow ? this.width - 10 : this.left - 6;
      this.bars[i].replaceChildren(
        node("text", { class: "tl-scale", x: at, y: this.narrow ? y - 7 : y + 8 },
          (this.narrow ? "0 – " : "") + reading(lane.kind, lane.high)),
        ...this.narrow ? [] : [node("text", { class: "tl-scale", x: at, y: y + CURVE }, "0")],
        node("path", { class: "tl-base", d: `M${this.left} ${y + CURVE}h${this.plot}` }));
      this.curves[i].plot.setScale("x", { min: this.from, max: this.to });
    }

    /* What is in view of a lane; slivers of one tone that nearly touch are one bar. */
    barsOf(lane) {
      const bars = [];
      const lasts = [TONES.map(() => null), TONES.map(() => null)];
      lane.spans.forEach((span, number) => {
        if (span.to < this.from || span.from > this.to) return;
        const x = Math.max(this.x(span.from), this.left - 3);
        const end = Math.min(this.x(span.to), this.left + this.plot + 3);
        const last = lasts[Number(span.second)];
        const before = last[span.tone];
        const sliver = end - x < 4 && (!before || before.end - before.x < 4 || before.joined);
        if (before && sliver && x - before.end < 2.5 && span.tone < 3) {
          before.end = Math.max(before.end, end);
          before.joined = true;
          before.count += span.count;
          before.longest = Math.max(before.longest, span.to - span.from);
          if (before.longest === span.to - span.from) before.name = span.text;
          before.text = `${before.name} ×${before.count}`;
          return;
        }
        bars.push((last[span.tone] = { x, end, number, span, name: span.text, text: nameOf(span), longest: span.to - span.from, count: span.count }));
      });
      return bars;
    }

    drawBars(lane, i) {
      const groups = TONES.map((tone) => node("g", { class: `tl-${tone}`, fill: `url(#${this.patterns}-${tone})` }));
      const texts = node("g", { class: "tl-text" });
      for (const { x, end, number, span, text } of this.barsOf(lane)) {
        const mark = end - x < 2 && (span.from === span.to || span.tone >= 3);
        const width = px(Math.max(end - x, 1));
        const top = span.second ? BAR + SECOND_ROW - SECOND_BAR : 0;
        groups[span.tone].append(node("path", {
          "data-span": `${i} ${number}`,
          d: mark ? `M${px(x)} ${MARK_TOP[span.tone]}${MARKS[span.tone]}`
            : `M${px(x)} ${top}h${width}v${span.second ? SECOND_BAR : BAR}h${-width}z`,
        }));
        const room = Math.floor((end - Math.max(x, this.left) - 6) / CHAR);
        if (room >= 3 && (room >= text.length || room >= 8)) {
          texts.append(node("text", { x: px(Math.max(x, this.left) + 4), y: top + (span.second ? 10 : 13) }, cut(text, room)));
        }
      }
      this.bars[i].setAttribute("transform", `translate(0 ${this.tops[i] + (BAR_ROW - BAR) / 2})`);
      this.bars[i].replaceChildren(...groups.filter((group) => group.firstChild), texts);
    }

    drawFlags() {
      const rowEnds = new Array(this.flagRows).fill(0);
      const flags = this.data.foci.map(([at, text], number) => {
        if (at < this.from || at > this.to) return null;
        const x = this.x(at);
        const short = cut(text, Math.min(34, Math.floor(this.plot / CHAR) - 6));
        const width = 24 + CHAR * short.length;
        const leftward = x + width > this.width;
        let row = rowEnds.findIndex((end) => (leftward ? x - width : x - 8) >= end);
        if (leftward && x - width < 0) row = -1;
        if (row >= 0) rowEnds[row] = leftward ? x + 8 : x + width;
        const y = Math.max(row, 0) * FLAG_ROW;
        const parts = [
          node("title", {}, `${number + 1}: ${instant(at)}: ${text}`),
          node("path", { d: `M0 ${y + 12}V${this.height - FOOT}` }),
          node("circle", { cy: y + 13, r: 8 }),
          node("text", { class: "tl-number", y: y + 17 }, String(number + 1)),
        ];
        if (row >= 0) {
          const side = leftward ? { x: -12, "text-anchor": "end" } : { x: 12 };
          parts.push(node("text", { y: y + 17, ...side }, short));
        }
        return node("g", { transform: `translate(${px(x)} 0)`, "data-focus": number }, ...parts);
      });
      this.flags.replaceChildren(...flags.filter(Boolean).reverse());
    }

    drawCursor() {
      const seen = this.cursor !== null && this.cursor >= this.from && this.cursor <= this.to;
      const x = seen ? this.x(this.cursor) : 0;
      this.line.replaceChildren();
      if (seen) {
        this.line.append(node("path", { d: `M${px(x)} ${this.top - 5}V${this.height - FOOT}` }));
        this.data.lanes.forEach((lane, i) => {
          const value = lane.points && this.valueAt(lane);
          if (value === undefined) return;
          const part = (HIGHEST - value / lane.high) / (HIGHEST - LOWEST);
          const y = this.tops[i] + (CURVE_ROW - CURVE) / 2 + CURVE * part;
          this.line.append(node("circle", { cx: px(x), cy: px(y), r: 3.5 }));
        });
      }
      if (seen) this.readOut(x);
      else this.read.replaceChildren(...this.narrow ? both("Touch the lanes to read them.", "点按通道以读数。") : []);
    }

    valueAt(lane) {
      let low = 0, high = lane.x.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (lane.x[middle] <= this.cursor) low = middle + 1;
        else high = middle;
      }
      return low > 0 ? lane.y[low - 1] : undefined;
    }

    /* The spans at the line; a mark is met within some pixels. */
    spansAt(lane) {
      const near = 4 * (this.to - this.from) / this.plot;
      const met = lane.spans.filter((span) => this.cursor >= span.from - (span.from === span.to ? near : 0)
        && this.cursor <= span.to + (span.from === span.to ? near : 0));
      return met.slice(-3);
    }

    readOut(x) {
      const lines = node("dl");
      this.data.lanes.forEach((lane, i) => {
        const label = () => node("dt", {}, ...[...this.labels[i].childNodes].map((part) => {
          const lang = part.getAttribute?.("lang");
          return node("span", lang ? { lang } : {}, part.textContent);
        }));
        if (lane.points) {
          const value = this.valueAt(lane);
          if (value !== undefined) lines.append(label(), node("dd", {}, reading(lane.kind, value)));
          return;
        }
        for (const span of this.spansAt(lane)) {
          const length = span.to > span.from ? `, ${duration(span.to - span.from)}` : "";
          lines.append(label(), node("dd", { class: `tl-${TONES[span.tone]}` }, nameOf(span) + length));
        }
      });
      const time = node("div", {}, node("b", {}, instant(this.cursor)));
      this.data.foci.forEach(([at], number) => time.append(` (${number + 1}) ${offset(this.cursor - at)}`));
      if (this.data.foci.length > 3) time.replaceChildren(time.firstChild);
      this.read.replaceChildren(time, lines);
      if (this.narrow) {
        this.read.style.left = this.read.style.top = "";
        return;
      }
      const right = x + 14 + this.read.offsetWidth < this.width;
      this.read.style.left = `${right ? x + 14 : Math.max(x - 14 - this.read.offsetWidth, 4)}px`;
      this.read.style.top = `${clamp(this.pointerY ?? this.top, 4, Math.max(this.height - this.read.offsetHeight - 6, 4))}px`;
    }

    setCursor(at) {
      this.cursor = at === null ? null : clamp(at, 0, this.data.end);
      this.drawCursor();
    }

    /* Shows most of what the table tells about a focus, and the table there. */
    toFocus(number) {
      const [at] = this.data.foci[number];
      const rows = this.table ? [...this.table.querySelectorAll(`tbody[data-focus="${number}"] tr`)] : [];
      const far = rows.map((row) => Math.abs(Number(row.dataset.at) - at)).sort((a, b) => a - b);
      const most = far[Math.floor(far.length * 0.7)] ?? 0;
      const half = Math.max(most * 1.2, this.data.end / (most > 0 ? 2000 : 40), NARROWEST_VIEW / 2);
      this.focus = number;
      this.show(at - half, at + half);
      this.pointerY = undefined;
      this.setCursor(at);
      this.mark(rows.find((row) => row.classList.contains("tl-instant")));
    }

    toMessage(row) {
      const at = Number(row.dataset.at);
      const number = Number(row.parentElement.dataset.focus);
      if (at < this.from || at > this.to || this.to - this.from > this.data.end / 2) this.toFocus(number);
      this.pointerY = undefined;
      this.setCursor(at);
      this.mark(row);
    }

    /* The message that a span of an ECU began with, if the table has it. */
    toSpan(lane, span) {
      const row = this.messages.find((candidate) => {
        const at = Number(candidate.dataset.at);
        const end = at + Number(candidate.dataset.for ?? 0);
        const names = [...candidate.querySelectorAll("b")].map((name) => name.textContent);
        return end >= span.from && at <= span.to && (lane.of === "" || names.includes(lane.of));
      });
      this.mark(row);
    }

    mark(row) {
      if (!row) return;
      for (const old of this.messages) old.classList.toggle("tl-here", old === row);
      this.scrollTo(row);
    }

    /* Within the table: the page stays where it is. */
    scrollTo(row) {
      const box = this.table.getBoundingClientRect();
      this.table.scrollTop += row.getBoundingClientRect().top - box.top - this.table.clientHeight / 3;
    }

    listen() {
      const stage = this.stage;
      const xOf = (event) => event.clientX - this.svg.getBoundingClientRect().left;
      stage.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        this.pointers.set(event.pointerId, { x: xOf(event), start: xOf(event), from: this.from, to: this.to });
        this.dragged = this.pointers.size > 1;
      });
      stage.addEventListener("pointermove", (event) => {
        const pointer = this.pointers.get(event.pointerId);
        if (pointer) {
          pointer.x = xOf(event);
          this.drag(event, pointer);
        } else if (event.pointerType === "mouse") {
          const x = xOf(event);
          this.pointerY = event.clientY - this.svg.getBoundingClientRect().top + 16;
          this.setCursor(x >= this.left - 4 && x <= this.left + this.plot + 4 ? this.at(x) : null);
        }
      });
      const lift = (event, act) => {
        const pointer = this.pointers.get(event.pointerId);
        this.pointers.delete(event.pointerId);
        this.selection.setAttribute("width", 0);
        if (pointer && act) this.lift(event, pointer);
      };
      stage.addEventListener("pointerup", (event) => lift(event, true));
      stage.addEventListener("pointercancel", (event) => lift(event, false));
      stage.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse" && this.pointers.size === 0) this.setCursor(null);
      });
      stage.addEventListener("dblclick", () => this.show(0, this.data.end));
      stage.addEventListener("wheel", (event) => this.wheel(event, xOf(event)), { passive: false });
      stage.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => {
        if (stage.clientWidth > 0 && stage.clientWidth !== this.width) this.layOut();
      }).observe(stage);
    }

    /* A mouse selects; a finger moves the view, and two of them stretch it. */
    drag(event, pointer) {
      if (Math.abs(pointer.x - pointer.start) > 4) this.dragged = true;
      if (!this.dragged) return;
      this.stage.setPointerCapture(event.pointerId);
      if (event.pointerType === "mouse") {
        const [low, high] = [pointer.start, pointer.x].map((x) => clamp(x, this.left, this.left + this.plot)).sort((a, b) => a - b);
        const where = { x: low, width: high - low, y: this.top - 5, height: this.height - this.top };
        for (const [key, value] of Object.entries(where)) this.selection.setAttribute(key, value);
        this.setCursor(this.at(clamp(pointer.x, this.left, this.left + this.plot)));
        return;
      }
      const scale = (pointer.to - pointer.from) / this.plot;
      const [one, two] = [...this.pointers.values()];
      if (!two) {
        const by = (pointer.start - pointer.x) * scale;
        this.show(pointer.from + by, pointer.to + by);
        return;
      }
      const spread = Math.max(Math.abs(one.start - two.start), 10) / Math.max(Math.abs(one.x - two.x), 10);
      const middle = one.from + ((one.start + two.start) / 2 - this.left) * (one.to - one.from) / this.plot;
      const length = (one.to - one.from) * spread;
      const from = middle - ((one.x + two.x) / 2 - this.left) * length / this.plot;
      this.show(from, from + length);
    }

    lift(event, pointer) {
      if (this.dragged) {
        if (event.pointerType === "mouse" && Math.abs(pointer.x - pointer.start) > 4) {
          const ends = [pointer.start, pointer.x].map((x) => this.at(clamp(x, this.left, this.left + this.plot)));
          this.show(Math.min(...ends), Math.max(...ends));
        }
        return;
      }
      const target = event.target.closest("[data-focus], [data-span]");
      if (target?.dataset.focus !== undefined) {
        this.toFocus(Number(target.dataset.focus));
        return;
      }
      this.setCursor(this.at(pointer.x));
      if (target) {
        const [lane, span] = target.dataset.span.split(" ").map(Number);
        this.toSpan(this.data.lanes[lane], this.data.lanes[lane].spans[span]);
      }
    }

    /* The page scrolls with the wheel unless the reader has turned to the timeline. */
    wheel(event, x) {
      const turned = event.ctrlKey || event.metaKey || document.activeElement === this.stage;
      if (!turned) return;
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.move((event.deltaX || event.deltaY) / 1000);
      } else {
        this.zoom(1.0018 ** clamp(event.deltaY * (event.deltaMode === 1 ? 30 : 1), -400, 400), this.at(x));
      }
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.stage) return;
      const line = (part) => {
        this.pointerY = undefined;
        const at = (this.cursor ?? (this.from + this.to) / 2) + part * (this.to - this.from);
        this.setCursor(at);
        if (this.cursor < this.from || this.cursor > this.to) this.move(part < 0 ? -0.5 : 0.5);
      };
      const acts = {
        "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.show(0, this.data.end),
        ArrowLeft: () => event.shiftKey ? line(-0.01) : this.move(-0.1),
        ArrowRight: () => event.shiftKey ? line(0.01) : this.move(0.1),
        Escape: () => this.setCursor(null),
      };
      if (!Object.hasOwn(acts, event.key)) return;
      event.preventDefault();
      acts[event.key]();
    }

    /* Colours may have changed. */
    repaint() {
      for (const curve of this.curves) curve?.plot.redraw(false);
    }
  }

  /* A command is copied as it stands. Where the clipboard is closed to scripts it is selected. */
  const addCopy = (command) => {
    const button = node("button", { type: "button", class: "play-copy" }, ...both("Copy", "复制"));
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        button.replaceChildren(...both("Copied", "已复制"));
        setTimeout(() => button.replaceChildren(...both("Copy", "复制")), 1500);
      } catch {
        getSelection().selectAllChildren(command);
      }
    });
    command.after(button);
  };

  const live = [];
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      live.push(new Timeline(target));
    }
  }, { rootMargin: "300px" });
  const begin = (part) => {
    part.querySelectorAll("figure.tl").forEach((figure) => seen.observe(figure));
    part.querySelectorAll(".play-command").forEach(addCopy);
  };
  /* page.js draws a play when its case is opened. */
  document.addEventListener("page-drawn", (event) => begin(event.target));
  begin(document);

  const repaint = () => requestAnimationFrame(() => live.forEach((timeline) => timeline.repaint()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  new MutationObserver(repaint).observe(document.documentElement, { attributes: true });
})();
