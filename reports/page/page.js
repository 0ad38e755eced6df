/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page/page.js - what the page can do beyond being read: it speaks the reader's language,
 * finds and picks cases, obeys keys, opens what an address names. It keeps nothing outside. */
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];

  const cases = all(".case").map((details) => ({
    details,
    summary: details.querySelector("summary"),
    verdict: details.dataset.verdict,
    group: details.dataset.group,
    priority: details.dataset.priority,
    tags: details.dataset.tags.split("; ").filter(Boolean),
    text: null,
  }));
  const groups = all(".group");
  const find = byId("page-find");
  const count = byId("page-count");
  const picks = { group: byId("page-pick-group"), priority: byId("page-pick-priority"),
    tag: byId("page-pick-tag") };

  const language = () => (byId("page-lang-zh").checked ? "zh" : "en");

  function speak() {
    const zh = language() === "zh";
    document.documentElement.lang = zh ? "zh-Hans" : "en";
    for (const element of all("[data-en]")) {
      const words = zh ? element.dataset.zh : element.dataset.en;
      if (element === find) {
        element.placeholder = words;
      } else {
        element.textContent = words;
      }
    }
    pick();
  }

  /* Id, both titles, and the criteria that were violated. */
  function textOf(one) {
    if (one.text === null) {
      const parts = one.details.querySelectorAll("summary .id, summary .title, .criterion code");
      one.text = [...parts].map((part) => part.textContent).join("\n").toLowerCase();
    }
    return one.text;
  }

  const verdict = () => document.querySelector("input[name=verdict]:checked").value;

  /* Sweeps alone have no cases, and nothing to pick them with. */
  function pick() {
    if (!find) {
      return;
    }
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = verdict();
    let shown = 0;
    for (const one of cases) {
      const fits = (wanted === "all" || one.verdict === wanted) &&
        (picks.group.value === "" || one.group === picks.group.value) &&
        (picks.priority.value === "" || one.priority === picks.priority.value) &&
        (picks.tag.value === "" || one.tags.includes(picks.tag.value)) &&
        words.every((word) => textOf(one).includes(word));
      one.details.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".case:not([hidden])");
    }
    byId("page-none").hidden = shown > 0 || cases.length === 0;
    count.textContent = language() === "zh" ? `${shown} / ${cases.length} 个用例`
      : `${shown} of ${cases.length} cases`;
  }

  function pickAll() {
    find.value = "";
    Object.values(picks).forEach((select) => { select.value = ""; });
    byId("page-only-all").checked = true;
    pick();
  }

  /* A browser that runs scripts has the drawings of a case as text until they are wanted: tens of
     thousands of elements fewer. timeline.js is told by the event. */
  function draw(details) {
    for (const text of details.querySelectorAll("noscript.drawing")) {
      const drawing = document.createElement("div");
      drawing.className = "drawing";
      drawing.innerHTML = text.textContent;
      text.replaceWith(drawing);
      drawing.dispatchEvent(new Event("page-drawn", { bubbles: true }));
    }
  }

  function unfold(details) {
    details.open = true;
    draw(details);
  }

  /* "#COM-03" opens the case, "#page-gb-44496" a table. */
  function follow() {
    const name = decodeURIComponent(location.hash.slice(1));
    const ofCase = byId(name.replace(/_.*/, ""));
    if (ofCase && ofCase.matches(".case-body")) {
      draw(ofCase);
    }
    const target = byId(name);
    const details = target && target.closest("details");
    if (!details) {
      return;
    }
    if (details.hidden) {
      pickAll();
    }
    for (let at = details; at; at = at.parentElement.closest("details")) {
      unfold(at);
    }
    const summary = details.querySelector("summary");
    summary.focus({ preventScroll: true });
    (target.matches(".case-body, details") ? summary : target).scrollIntoView({ block: "start" });
  }

  function step(by) {
    const there = cases.filter((one) => !one.details.hidden);
    const at = there.findIndex((one) => one.details.contains(document.activeElement));
    const next = there[Math.min(Math.max(at < 0 ? 0 : at + by, 0), there.length - 1)];
    if (next) {
      next.summary.focus({ preventScroll: true });
      next.summary.scrollIntoView({ block: "nearest" });
    }
  }

  const keys = {
    "/": () => find?.focus(),
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  };

  function press(event) {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("select, textarea")) {
      return;
    }
    if (find && target === find) {
      if (event.key === "Escape") {
        find.value = "";
        pick();
      } else if (event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault();
        step(1);
      }
      return;
    }
    /* Arrows are the page's own where nothing else wants them. */
    const isArrow = event.key.startsWith("Arrow");
    if (!keys[event.key] || target.closest("input") || (isArrow && !target.closest(".case > summary"))) {
      return;
    }
    event.preventDefault();
    keys[event.key]();
  }

  /* Printed is what fails, and what is covered; afterwards all is as it was. */
  let opened = [];
  function open() {
    opened = all(".case.is-fail, .case.is-error, .coverage, .change, .fold").filter((one) => !one.open);
    opened.forEach(unfold);
  }
  function close() {
    opened.forEach((one) => { one.open = false; });
    opened = [];
  }

  for (const tag of [...new Set(cases.flatMap((one) => one.tags))].sort()) {
    picks.tag.append(new Option(tag, tag));
  }
  for (const element of all(".scripted")) {
    element.hidden = false;
  }
  if ((navigator.language || "").toLowerCase().startsWith("zh")) {
    byId("page-lang-zh").checked = true;
  }
  /* The style sheet needs no telling; scripts that draw do. */
  all("input[name=theme]").forEach((input) => input.addEventListener("change", () => {
    document.documentElement.dataset.theme = input.value;
  }));
  all("input[name=lang]").forEach((input) => input.addEventListener("change", speak));
  all("input[name=verdict]").forEach((input) => input.addEventListener("change", pick));
  Object.values(picks).forEach((select) => select?.addEventListener("change", pick));
  find?.addEventListener("input", pick);
  document.addEventListener("keydown", press);
  /* A link that is followed twice changes no address. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) {
      follow();
    }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches(".case")) {
      draw(event.target);
    }
  }, true);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", open);
  addEventListener("afterprint", close);
  speak();
  follow();
  /* While it loads, a browser goes to the address itself and takes the focus away again. */
  addEventListener("load", () => requestAnimationFrame(follow));
})();
