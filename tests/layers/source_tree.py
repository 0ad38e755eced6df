# SPDX-License-Identifier: Apache-2.0
"""What both checks of this folder share: walking the repository, reporting, and the self-test."""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {".git", ".cache", "__pycache__", "build", "node_modules", "out"}


def files_of(root):
    """All files of the tree in a fixed order, as paths relative to root; build trees left out."""
    found = []
    pending = [root]
    while pending:
        folder = pending.pop()
        if folder != root and (folder / "CMakeCache.txt").exists():
            continue
        for entry in folder.iterdir():
            if entry.is_symlink():
                continue
            if entry.is_dir() and entry.name not in SKIPPED_FOLDERS:
                pending.append(entry)
            elif entry.is_file():
                found.append(entry.relative_to(root))
    return sorted(found)


def text_of(root, path):
    """The file's text, or None if it is not text."""
    data = (root / path).read_bytes()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def self_test(check, files, expected):
    """Runs check over a tree of {path: text}; its findings must start with the expected strings."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        found = check(root)
    wrong = [f"not found: {e}" for e in expected if not any(f.startswith(e) for f in found)]
    wrong += [f"not asked for: {f}" for f in found if not any(f.startswith(e) for e in expected)]
    return wrong


def main(description, check, run_self_test):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--self-test", action="store_true", help="prove that violations are found")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="tree to check")
    args = parser.parse_args()
    findings = run_self_test() if args.self_test else check(args.root)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding(s)")
    sys.exit(1 if findings else 0)
