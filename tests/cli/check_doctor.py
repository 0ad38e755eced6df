#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What limphome doctor says where a container, or another supervisor, withholds a system call.

    check_doctor.py LIMPHOME

Each case puts the doctor under a seccomp filter that refuses some calls, as the default profile of a
container runtime does, and names parts of what it must say then. x86-64 only, as guests are.
"""
import ctypes
import errno
import fcntl
import re
import struct
import subprocess
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER, SET_MODE_FILTER, NEW_LISTENER = 22, 38, 2, 1, 8
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
CLONE, PERSONALITY, PROCESS_VM_READV, KCMP, SECCOMP, PIDFD_OPEN, PIDFD_GETFD = 56, 135, 310, 312, 317, 434, 438
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
LD_W_ABS, JEQ, JSET, RET = 0x20, 0x15, 0x45, 0x06
AT_NR, AT_ARG0 = 0, 16
LIBC = ctypes.CDLL(None, use_errno=True)


def refuse(call, error, argument_bits=None):
    """Statements that refuse a call; with bits, only if its first argument has one of them."""
    refusal = [(RET, 0, 0, ERRNO | error)]
    if argument_bits is not None:
        refusal = [(LD_W_ABS, 0, 0, AT_ARG0), (JSET, 0, 1, argument_bits), *refusal]
    return [(LD_W_ABS, 0, 0, AT_NR), (JEQ, 0, len(refusal), call), *refusal]


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install(statements, listen):
    """Runs in the child, before the doctor."""
    code = b"".join(struct.pack("HBBI", *statement) for statement in statements + [(RET, 0, 0, ALLOW)])
    program = Program(len(code) // 8, code)
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if not listen:
        assert LIBC.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0) == 0
        return
    listener = LIBC.syscall(SECCOMP, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(program))
    assert listener >= 0
    fcntl.fcntl(listener, fcntl.F_SETFD, 0)


# What Docker's default profile withholds from a container without more capabilities.
DOCKER = (refuse(PIDFD_GETFD, errno.EPERM) + refuse(KCMP, errno.EPERM) + refuse(PROCESS_VM_READV, errno.EPERM) +
          refuse(PERSONALITY, errno.EPERM, 0x0040000) + refuse(CLONE, errno.EPERM, CLONE_NEWUSER | CLONE_NEWPID))

# Name, filter, whether it listens, and pairs of a row and what the line below it says.
CASES = [
    ("a container's default profile", DOCKER, False, [
        ("yes seccomp user notification", ""),
        ("yes pidfd_open", ""),
        ("no pidfd_getfd", "Operation not permitted: the container withholds it: docker run --cap-add SYS_PTRACE"),
        ("no process_vm_readv", "--cap-add SYS_PTRACE"),
        ("no kcmp", "--cap-add SYS_PTRACE"),
        ("less a PID namespace", "process numbers that guests see differ from run to run"),
        ("less addresses that stay", "--security-opt seccomp=unconfined; without: addresses"),
    ]),
    ("a profile older than the call", refuse(PIDFD_OPEN, errno.ENOSYS), False, [
        ("no pidfd_open", "Function not implemented: the container withholds it: docker run --security-opt"),
        ("no pidfd_getfd", "could not be tried without what is missing above"),
        ("yes kcmp", ""),
    ]),
    ("a profile without seccomp", refuse(SECCOMP, errno.EPERM), False, [
        ("yes privileges given up", ""),
        ("no seccomp user notification", "--security-opt seccomp=unconfined"),
        ("no seccomp WAIT_KILLABLE_RECV", "could not be tried"),
        ("less seccomp SYNC_WAKE_UP", "could not be tried"),
    ]),
    ("another supervisor", [], True, [
        ("no seccomp user notification", "another supervisor is notified already: run limphome outside of it"),
        ("yes pidfd_getfd", ""),
    ]),
]


def say(limphome, statements, listen):
    done = subprocess.run([limphome, "doctor"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=30, check=False, close_fds=not listen,
                          preexec_fn=lambda: install(statements, listen))
    return done.returncode, done.stdout.decode()


def fault_of(text, row, reason):
    """What is wrong with a row; empty if nothing."""
    state, name = row.split(" ", 1)
    match = re.search(rf"^  {state} +{re.escape(name)}.*\n(.*)", text, re.MULTILINE)
    if not match:
        return f"does not say {row!r}"
    return "" if reason in match.group(1) else f"does not say {reason!r} below {row!r}"


def main():
    failed = 0
    for name, statements, listen, rows in CASES:
        code, text = say(sys.argv[1], statements, listen)
        faults = [fault for fault in (fault_of(text, *row) for row in rows) if fault]
        if code != 1:
            faults.append(f"ended with {code}")
        if faults:
            failed += 1
            print(f"under {name}:", *faults, text, sep="\n  ")
    print(f"{len(CASES)} cases, {failed} answered wrongly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
