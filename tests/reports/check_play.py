#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parses what the page says of a play with parsers of others: it must be well-formed and small,
name nothing that is not there, show each hostile text inert and visible, and keep its numbers."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

PRINT_PLAY = sys.argv[1]
SAMPLE_BYTES_MAX = 40_000
ANY_BYTES_MAX = 90_000

HOSTILE = [
    b"</script><script>alert(1)</script>",
    b"</title></svg><img src=x onerror=alert(1)>",
    b"\"' onload=\"alert(1)\" x='",
    b"javascript:alert(1)",
    b"//example.org/x",
    b"<!-- ]]> <![CDATA[ &lt; &#60; &",
    b"line\nbreak\r\ttab\x01\x1f\x7f",
    b"broken \xff\xc3 \xed\xa0\x80 UTF-8",
    "turn \u202e round \u2066".encode(),
    "正常升级 ÄÖÜ \U0001f697".encode(),
    b"$(touch /tmp/x) `x` \\ 'quoted' %n%s",
    b"x" * 5000,
    "长".encode() * 400,
]
INERT_TAGS = set("""a b br caption circle code defs details div dd dl em figcaption figure g li p path pattern pre
    rect script small span summary svg table tbody td text th thead title tr tspan ul""".split())
faults = []


def expect(holds, what):
    if not holds:
        faults.append(what)


def print_play(*args):
    run = subprocess.run([PRINT_PLAY, *args], stdout=subprocess.PIPE, timeout=60, check=True)
    return run.stdout


def parse(page):
    return ElementTree.fromstring(b"<root>" + page + b"</root>")


def check_names(root, where):
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    expect(len(ids) == len(set(ids)), f"{where}: an id is there twice")
    for element in root.iter():
        for name in ("aria-labelledby", "aria-describedby", "data-from"):
            expect(element.get(name) is None or element.get(name) in ids, f"{where}: {name} points nowhere")
        fill = element.get("fill") or ""
        expect(not fill.startswith("url(") or fill[5:-1] in ids, f"{where}: {fill} is not there")


def check_inert(root, where):
    for element in root.iter():
        expect(element.tag == "root" or element.tag in INERT_TAGS, f"{where}: <{element.tag}>")
        for name, value in element.attrib.items():
            expect(not name.startswith("on") and name != "style", f"{where}: attribute {name}")
            expect(name != "href" or re.match(r"\./|file:///", value), f"{where}: link to {value}")
        if element.tag == "script":
            expect(element.get("type") == "application/json", f"{where}: a script that runs")


def visible(text):
    """What a reader must find of the text, without what depends on how it is made visible."""
    shown = text.decode("utf-8", errors="replace")
    return re.findall(r"[A-Za-z]{3,20}|[\u4e00-\u9fff]", shown)[:3]


def check_hostile(text):
    where = repr(text[:30])
    page = print_play("text", text)
    root = parse(page)
    check_names(root, where)
    check_inert(root, where)
    expect(len(page) < ANY_BYTES_MAX, f"{where}: {len(page)} bytes")
    cells = " ".join("".join(e.itertext()) for e in root.iter("td"))
    for word in visible(text):
        expect(word in cells, f"{where}: {word} is not in the table")
    expect(b"\x01" not in page and b"\x1f" not in page and b"\r" not in page, f"{where}: a control character")
    json.loads(root.find(".//script").text)


def unpack(flat, width):
    at = 0
    for i in range(0, len(flat), width):
        at += flat[i]
        yield (at, *flat[i + 1:i + width])


def check_data(root):
    data = json.loads(root.find(".//script").text)
    lanes = {(lane["kind"], lane["of"]): lane for lane in data["lanes"]}
    expect(data["end"] == 13_000_000, "the end is not that of the play")
    expect([focus[0] for focus in data["foci"]] == [7_412_000, 8_934_271], "the foci have moved")
    off = [(at, length, data["texts"][text]) for at, length, text, _, _ in
           unpack(lanes[("session", "bcm")]["spans"], 5)]
    expect((7_415_000, 115_000, "off") in off, f"the session is not exact: {off}")
    services = list(unpack(lanes[("service", "bcm")]["spans"], 5))
    expect(sum(span[4] for span in services) >= 12 + 150, "services are missing")
    supply = list(unpack(lanes[("supply", "bcm")]["points"], 2))
    expect(min(supply, key=lambda point: point[1]) == (7_412_000, 4100), "the lowest supply is lost")


def check_sample():
    page = print_play("sample", "200")
    root = parse(page)
    check_names(root, "sample")
    check_inert(root, "sample")
    check_data(root)
    expect(page == print_play("sample", "200"), "two prints differ")
    expect(len(page) < SAMPLE_BYTES_MAX, f"sample: {len(page)} bytes")
    svg = root.find(".//figure/div/svg")
    expect(len(svg.findall(".//g[@class='tl-row']")) == 12, "a lane is missing")
    expect(len(svg.findall("./g[@class='tl-flags tl-violated']/g")) == 2, "a focus is not marked")
    rows = root.findall(".//tbody/tr")
    instants = [i for i, row in enumerate(rows) if row.get("class") == "tl-instant"]
    times = [float(row.get("data-at")) for row in rows]
    expect(len(rows) == 12 and len(instants) == 2, "a message is missing")
    expect(times == sorted(times), "the violated instants are not in their places")
    for size in ("2000", "100000"):
        many = print_play("sample", size)
        parse(many)
        expect(len(many) < SAMPLE_BYTES_MAX + 5000, f"sample of {size}: {len(many)} bytes")


check_sample()
for hostile in HOSTILE:
    check_hostile(hostile)
print("\n".join(faults) or "all as it should be")
sys.exit(1 if faults else 0)
