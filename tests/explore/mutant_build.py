# SPDX-License-Identifier: Apache-2.0
# mutant_build.py - builds a limphome from a patch: what the patch touches is compiled, and linked before the libraries
# of the tree as it is, which then give all the rest.
import json
import os
import re
import shlex
import shutil
import subprocess


class Build:
    """A build folder of Ninja, as it is."""

    def __init__(self, build, source):
        self.build = os.path.realpath(build)
        self.source = os.path.realpath(source)
        with open(os.path.join(self.build, "compile_commands.json"), encoding="utf-8") as text:
            self.commands = {entry["file"]: entry["command"] for entry in json.load(text)}
        lines = self._ninja("commands", "limphome").splitlines()
        self.program = os.path.join(self.build, "bin", "limphome")
        self.link = shlex.split(lines[-1].removeprefix(": && ").removesuffix(" && :"))

    def _ninja(self, tool, *arguments):
        return subprocess.run(["ninja", "-C", self.build, "-t", tool, *arguments], check=True,
                              capture_output=True, text=True).stdout

    def _sources_that_read(self, header):
        """Whoever includes a header has to be compiled again as well."""
        found, wanted = [], os.path.join(self.source, header)
        for block in self._ninja("deps").split("\n\n"):
            names = [os.path.normpath(os.path.join(self.build, line.strip())) for line in block.splitlines()[1:]]
            if wanted in names and names[0] in self.commands:
                found.append(os.path.relpath(names[0], self.source))
        return [name for name in found if not name.startswith(("tests/", "bench/"))]

    def _compile(self, tree, name, folder):
        words = shlex.split(self.commands[os.path.join(self.source, name)])
        words = [word for word in words if not word.startswith(("-flto", "-ffat-lto", "-MD"))]
        out, patched = os.path.join(folder, name.replace("/", "_") + ".o"), os.path.join(tree, name)
        for option in ("-MT", "-MF"):
            if option in words:
                del words[words.index(option):words.index(option) + 2]
        words[words.index("-o") + 1] = out
        words[words.index("-c") + 1] = patched if os.path.exists(patched) else os.path.join(self.source, name)
        include = next(i for i, word in enumerate(words) if word.startswith("-I"))
        words.insert(include, "-I" + tree)
        run_or_fail(words, self.build)
        return out

    def mutate(self, patch, folder):
        """The path of a limphome with the patch."""
        tree = os.path.join(folder, "tree")
        touched = re.findall(r"^\+\+\+ b/(\S+)", read(patch), re.M)
        for name in touched:
            os.makedirs(os.path.dirname(os.path.join(tree, name)), exist_ok=True)
            shutil.copy(os.path.join(self.source, name), os.path.join(tree, name))
        run_or_fail(["patch", "-p1", "-F0", "--force", "--quiet", "-d", tree, "-i", patch], self.build)
        stale = {name for name in touched if name.endswith(".c")}
        for header in touched:
            if header.endswith(".h"):
                stale.update(self._sources_that_read(header))
        objects = [self._compile(tree, name, folder) for name in sorted(stale)]
        program = os.path.join(folder, "limphome")
        words = [*self.link, "-fno-lto"]  # The objects hold machine code as well, and that links at once.
        words[words.index("-o") + 1] = program
        words[words.index(program) + 1:words.index(program) + 1] = objects
        run_or_fail(words, self.build)
        return program


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def run_or_fail(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
