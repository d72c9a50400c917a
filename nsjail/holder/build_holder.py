"""Writes the holder of a warm jail: pid 1 of the jail, one small static program for each architecture.

    python3 nsjail/holder/build_holder.py          writes holder.x86_64 and holder.aarch64
    python3 nsjail/holder/build_holder.py --check  says whether the committed ones are what this gives

It only has to be there, so it should cost as little as it can: `cat` in its place took 9% of all CPU, half of it in the
dynamic loader (each CPUID instruction of libc's traps into a virtual machine's host), and this 0.6%. In C:

    rt_sigaction(SIGCHLD, SIG_IGN)       the kernel reaps the orphans of a job
    write(1, "\\1", 1)                    the jail is made: this is its pid 1
    while (read(0, buffer, 64) > 0) ;    until the supervisor closes its end, or kills it
    exit_group(0)
"""

import struct
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LOAD_ADDRESS = 0x400000
ELF_HEADER_BYTES, PROGRAM_HEADER_BYTES = 64, 56
# struct sigaction of the kernel: SIG_IGN, flags, restorer, mask. Its first byte is also the one that is written.
SIG_IGN_ACTION = struct.pack("<4Q", 1, 0, 0, 0)

# Machine number of ELF, and the instructions, which end where SIG_IGN_ACTION begins.
PROGRAMS = {
    "x86_64": (62, """
        b8 0d000000        mov eax, 13          rt_sigaction
        bf 11000000        mov edi, 17          SIGCHLD
        48 8d 35 3d000000  lea rsi, [action]
        31 d2              xor edx, edx
        41 ba 08000000     mov r10d, 8
        0f 05              syscall
        b8 01000000        mov eax, 1           write
        89 c7              mov edi, eax         stdout
        48 8d 35 25000000  lea rsi, [action]
        ba 01000000        mov edx, 1
        0f 05              syscall
        31 c0              xor eax, eax         read, again and again
        31 ff              xor edi, edi
        48 8d 74 24 c0     lea rsi, [rsp-64]
        ba 40000000        mov edx, 64
        0f 05              syscall
        48 85 c0           test rax, rax
        7f eb              jg (read)
        b8 e7000000        mov eax, 231         exit_group
        31 ff              xor edi, edi
        0f 05              syscall
    """),
    "aarch64": (183, """
        c81080d2  mov x8, #134       rt_sigaction
        200280d2  mov x0, #17        SIGCHLD
        61020010  adr x1, action
        020080d2  mov x2, #0
        030180d2  mov x3, #8
        010000d4  svc #0
        080880d2  mov x8, #64        write
        200080d2  mov x0, #1         stdout
        a1010010  adr x1, action
        220080d2  mov x2, #1
        010000d4  svc #0
        e80780d2  mov x8, #63        read, again and again
        000080d2  mov x0, #0
        e10301d1  sub x1, sp, #64
        020880d2  mov x2, #64
        010000d4  svc #0
        1f0000f1  cmp x0, #0
        4cffff54  b.gt (read)
        c80b80d2  mov x8, #94        exit_group
        000080d2  mov x0, #0
        010000d4  svc #0
    """),
}


def assemble(listing):
    """The bytes at the beginning of each line, up to two blanks."""
    lines = (line.strip().partition("  ")[0] for line in listing.strip().splitlines())
    return bytes.fromhex("".join(lines))


def build(machine):
    """An ELF file with one segment, which may be read and executed."""
    number, listing = PROGRAMS[machine]
    code = assemble(listing) + SIG_IGN_ACTION
    headers = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES
    identity = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    header = struct.pack("<HHIQQQIHHHHHH", 2, number, 1, LOAD_ADDRESS + headers, ELF_HEADER_BYTES, 0, 0,
                         ELF_HEADER_BYTES, PROGRAM_HEADER_BYTES, 1, 0, 0, 0)
    size = headers + len(code)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, LOAD_ADDRESS, LOAD_ADDRESS, size, size, 0x1000)
    return identity + header + segment + code


def main():
    stale = []
    for machine in PROGRAMS:
        path, program = FOLDER / f"holder.{machine}", build(machine)
        if "--check" not in sys.argv[1:]:
            path.write_bytes(program)
            path.chmod(0o755)
        elif not path.exists() or path.read_bytes() != program:
            stale.append(path.name)
    if stale:
        raise SystemExit(f"not what build_holder.py gives: {', '.join(stale)}")


if __name__ == "__main__":
    main()
