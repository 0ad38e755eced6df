#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What shells offer for a command line of limphome, asked of the shells themselves.

    check_completion.py LIMPHOME SOURCE

bash and zsh complete on a terminal of their own, as for a person who presses Tab; fish tells by `complete --do-complete`.
Each row is a command line and words that must, and with ! must not, be offered for its last word.
"""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

ROWS = [
    ("limphome ", ["update", "run", "exec", "doctor", "help", "!COM-01"]),
    ("limphome in", ["init-master", "!update"]),
    ("limphome run COM-0", ["COM-01", "COM-09", "!COM-10", "!FUN-01"]),
    ("limphome run --verify PW", ["PWR", "PWR-01", "!COM-01"]),
    ("limphome run --ma", ["--master", "!--seed"]),
    ("limphome run --master masters/", ["minimal.json", "reference.json", "!minimal_master.py"]),
    ("limphome run --out ", ["masters", "vehicles", "!notes.txt"]),
    ("limphome update --style ", ["block", "s19-line", "!--help"]),
    ("limphome update --check s", ["sha1", "sum8", "!crc32"]),
    ("limphome update --image vehicles/", ["bcm-1.0.0.s19", "!single.json"]),
    ("limphome up --vehicle vehicles/s", ["single.json"]),
    ("limphome check ", ["notes.txt", "masters", "vehicles"]),
    ("limphome help --completion ", ["bash", "zsh", "fish"]),
    ("limphome help do", ["doctor"]),
    ("limphome exec --seed 7 --trace masters -- isot", ["isotpsend", "isotprecv"]),
    ("limphome image -o vehicles/", ["single.json", "bcm-1.0.0.s19"]),
]

SECONDS_MAX = 20
READY = "ready>"
ESCAPES = re.compile(r"\x1b\[[0-9;?>=]*[a-zA-Z]|\x1b[=>()][0-9A-B]?|\x07")


class Terminal:
    """A shell on a terminal of 300 columns."""

    def __init__(self, command, environment, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        import fcntl
        import struct
        import termios
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 300, 0, 0))

    def send(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, text):
        seen, end = "", time.monotonic() + SECONDS_MAX
        while text not in ESCAPES.sub("", seen):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {text!r} within {SECONDS_MAX} s: {seen!r}")
            seen += os.read(self.fd, 65536).decode(errors="replace")
        return ESCAPES.sub("", seen)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def mark_of(n):
    """Typed behind the Tab as a comment that the shell echoes when it is done with completing."""
    return f"mark{n}mark"


def offers_on_terminal(terminal, lines):
    """What appears between the Tab and the mark. The line is then thrown away with Ctrl-U."""
    found = []
    for n, line in enumerate(lines):
        terminal.send(line + "\t\t")
        terminal.send(" #" + mark_of(n))
        shown = terminal.read_until(mark_of(n))
        terminal.send("\x15")
        found.append(shown)
    return found


def environment_of(limphome, folder):
    return {"PATH": f"{pathlib.Path(limphome).parent}:/usr/bin:/bin", "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}


def ask_bash(limphome, source, folder):
    script = folder / "limphome.bash"
    script.write_text(subprocess.run([limphome, "help", "--completion", "bash"], stdout=subprocess.PIPE, text=True,
                                     check=True).stdout)
    start = folder / "bashrc"
    start.write_text(f"PS1='{READY}'\nbind 'set show-all-if-ambiguous on'\nbind 'set completion-query-items 1000'\n"
                     f"bind 'set page-completions off'\nbind 'set enable-bracketed-paste off'\n. {script}\n")
    terminal = Terminal(["bash", "--rcfile", str(start), "-i"], environment_of(limphome, folder), source)
    terminal.read_until(READY)
    found = offers_on_terminal(terminal, [line for line, _ in ROWS])
    terminal.close()
    return found


def ask_zsh(limphome, source, folder):
    functions = folder / "functions"
    functions.mkdir()
    script = subprocess.run([limphome, "help", "--completion", "zsh"], stdout=subprocess.PIPE, text=True, check=True).stdout
    (functions / "_limphome").write_text(script)
    (folder / ".zshrc").write_text(f"PS1='{READY}'\nfpath=({functions} $fpath)\nautoload -U compinit\ncompinit -u -D\n"
                                   "setopt interactive_comments list_ambiguous no_beep no_auto_menu\nLISTMAX=1000\n"
                                   "zstyle ':completion:*' list-prompt ''\nunsetopt zle_bracketed_paste\n")
    terminal = Terminal(["zsh", "-i"], {**environment_of(limphome, folder), "ZDOTDIR": str(folder)}, source)
    terminal.read_until(READY)
    found = offers_on_terminal(terminal, [line for line, _ in ROWS])
    terminal.close()
    return found


def ask_fish(limphome, source, folder):
    script = folder / "limphome.fish"
    script.write_text(subprocess.run([limphome, "help", "--completion", "fish"], stdout=subprocess.PIPE, text=True,
                                     check=True).stdout)
    return [subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete --do-complete '{line}'"], cwd=source,
                           env=environment_of(limphome, folder), stdout=subprocess.PIPE, text=True, check=True,
                           timeout=SECONDS_MAX).stdout
            for line, _ in ROWS]


def offered(line, word, text):
    """As a word of its own, or completed where it is the only one."""
    text = text.replace(line + " ", "", 1)
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w.-]*[\w])", text) is not None


def check(shell, ask, limphome, source):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for (line, words), text in zip(ROWS, ask(limphome, source, pathlib.Path(folder))):
            wrong = [word for word in words if offered(line, word.removeprefix("!"), text) == word.startswith("!")]
            if wrong:
                print(f"{shell}: {line!r}: not as wanted: {wrong}; it shows:\n{text}")
                failures += 1
    print(f"{shell}: {len(ROWS) - failures} of {len(ROWS)} as wanted")
    return failures


def check_help(limphome):
    """Each option of a command is in its help, with a value or without, and nothing else is."""
    failures = 0
    script = subprocess.run([limphome, "help", "--completion", "bash"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for command, words in re.findall(r"^    (\S+)\) echo (--.*?) ;;", script, re.M):
        text = subprocess.run([limphome, "help", command], stdout=subprocess.PIPE, text=True, check=True).stdout
        told = dict(re.findall(r"^  (?:-\w, )?(--[\w-]+)((?: [^\s]+)?)(?:  |\n)", text, re.M))
        options = {word: bool(re.search(rf"\b{command}:{word}\b", script)) for word in words.split() if word != "--help"}
        if {name: bool(value) for name, value in told.items()} != options:
            print(f"{command}: the help tells of {told}, the options are {options}")
            failures += 1
    return failures


def main():
    limphome, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    failures = check_help(limphome)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("masters", "vehicles"):
            os.symlink(source.resolve() / name, pathlib.Path(folder, name))
        pathlib.Path(folder, "notes.txt").touch()
        for shell, ask in (("bash", ask_bash), ("zsh", ask_zsh), ("fish", ask_fish)):
            failures += check(shell, ask, limphome, folder)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
