"""What the machine code of our kernels holds: bytes, registers, and the instructions of the innermost loops that multiply.

Reads what NVIDIA's cuobjdump and nvdisasm print of an object file. They are found on PATH or where tools/readers puts them.
"""

import bisect
import os
import pathlib
import re
import shutil
import subprocess
from typing import Iterable, Iterator, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHITECTURE = "sm_90"
PROGRAMS = ("cuobjdump", "nvdisasm")  # the first calls the second by PATH
INSTRUCTION_BYTES = 16

# The kinds of instructions, by the first word of their names. NVIDIA's table "Instruction Set Reference" of the CUDA Binary
# Utilities (docs.nvidia.com/cuda/cuda-binary-utilities) has them all.
KINDS = {
    "HMMA": {"HMMA"},
    "FFMA": {"FFMA"},
    "shared loads": {"LDS", "LDSM"},
    "asynchronous copies": {"LDGSTS"},
    "integer": {"BMSK", "BREV", "FLO", "IABS", "IADD3", "IMAD", "IMNMX", "ISETP", "LEA", "LOP3", "POPC", "SHF", "UFLO", "UIADD3",
                "UIMAD", "UISETP", "ULEA", "ULOP3", "USHF", "VIADD", "VIADDMNMX", "VIMNMX", "VIMNMX3"},
    # A thread that branches alone needs BSSY and BSYNC as well.
    "branches": {"BRA", "BREAK", "BRX", "BSSY", "BSYNC", "CALL", "EXIT", "JMP", "RET"},
}
OTHER = "other"
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


class Unavailable(Exception):
    """Why there is nothing to read: a program or the code is missing."""


class ReportFailed(Exception):
    """What is wrong, in one line or with a program's output below."""


class Instruction(NamedTuple):
    address: int
    name: str  # with its suffixes: IMAD.MOV.U32
    target: int | None  # of a branch

    def kind(self) -> str:
        if self.name.startswith("IMAD.MOV"):  # a move that the multipliers carry out
            return OTHER
        return KIND_OF.get(self.name.partition(".")[0], OTHER)


class Loop(NamedTuple):
    first: int  # address
    last: int  # address of the branch back
    instructions: dict[str, int]  # of one iteration, by kind
    total: int


class Kernel(NamedTuple):
    name: str  # mangled
    bytes: int
    registers: int
    loops: list[Loop]


def innermost_loops(instructions: list[Instruction]) -> list[Loop]:
    """The loops that hold HMMA or FFMA and no other loop.

    A loop is what stands between a branch and its target before it. It is innermost if no other branch back stands in it; ptxas
    also lets an outer loop begin in the middle of an inner one. Instructions that a thread skips are counted.
    """
    back = [i for i in instructions if i.target is not None and i.target <= i.address]
    addresses = [i.address for i in instructions]
    loops = []
    for branch in back:
        if any(branch.target <= other.address < branch.address for other in back):
            continue
        kinds = dict.fromkeys((*KINDS, OTHER), 0)
        body = instructions[bisect.bisect_left(addresses, branch.target):bisect.bisect_right(addresses, branch.address)]
        for instruction in body:
            kinds[instruction.kind()] += 1
        if kinds["HMMA"] or kinds["FFMA"]:
            loops.append(Loop(branch.target, branch.address, kinds, len(body)))
    return loops


# /*0070*/  @P0 BRA 0x560 ;
INSTRUCTION = re.compile(r"\s*/\*([0-9a-f]{4,})\*/\s+(@!?U?P\w+)?\s*([A-Z][\w.]*)([^;]*);")
REGISTERS = re.compile(r"Function (\S+):\n\s*REG:(\d+) ")
BEGIN = re.compile(r"Function : (\S+)")
NEVER = "@!PT"  # ptxas puts such instructions before some barriers


def instruction_of(line: str) -> Instruction | None:
    found = INSTRUCTION.match(line)
    if not found:  # the second half of an encoding, say
        return None
    address, predicate, name, operands = found.groups()
    if predicate == NEVER:
        name = "NOP"
    target = re.search(r"\b0x([0-9a-f]+)\s*$", operands) if re.match(r"(BRA|JMP)\b", name) else None
    return Instruction(int(address, 16), name, int(target[1], 16) if target else None)


def parse(sass: str) -> Iterator[Kernel]:
    """The kernels in what `cuobjdump -sass -res-usage` prints, each with the functions that it calls."""
    registers = {name: int(count) for name, count in REGISTERS.findall(sass)}
    beginnings = list(BEGIN.finditer(sass))
    for begin, end in zip(beginnings, [found.start() for found in beginnings[1:]] + [len(sass)]):
        name = begin[1]
        instructions = [i for line in sass[begin.end():end].splitlines() if (i := instruction_of(line))]
        if not instructions or name not in registers:
            raise ReportFailed(f"cannot read what cuobjdump prints of {name}; has its format changed?")
        yield Kernel(name, instructions[-1].address + INSTRUCTION_BYTES, registers[name], innermost_loops(instructions))


def demangle(names: list[str]) -> dict[str, str]:
    """Without parameters and without the namespaces that all of the project's own kernels are in."""
    try:
        plain = subprocess.run(["c++filt", "-p"], input="\n".join(names), capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReportFailed(f"c++filt (package binutils) does not run: {error}") from error
    return {mangled: re.sub(r"\(anonymous namespace\)::|^_INTERNAL_\w+?::|\bgan::", "", name)
            for mangled, name in zip(names, plain.splitlines())}


def search_path(root: pathlib.Path = ROOT) -> str:
    """A PATH with the disassemblers in it."""
    usual = os.environ.get("PATH", os.defpath)
    installed = sorted(map(str, (root / "build/readers").glob("lib/python3*/site-packages/nvidia/*/bin")))
    for path in (usual, os.pathsep.join([*installed, usual])):
        if all(shutil.which(program, path=path) for program in PROGRAMS):
            return path
    raise Unavailable(f"{' and '.join(PROGRAMS)} are neither on PATH nor in build/readers; tools/readers installs them")


def read_object(path: pathlib.Path) -> list[Kernel]:
    """The kernels of an object file that nvcc made, in its order."""
    environment = os.environ | {"PATH": search_path()}
    program = shutil.which(PROGRAMS[0], path=environment["PATH"])
    if not path.is_file():
        raise ReportFailed(f"{path} is missing; build it first")
    done = subprocess.run([program, "-sass", "-res-usage", "-arch", ARCHITECTURE, path], env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise ReportFailed(f"cuobjdump cannot read {path}: {(done.stderr + done.stdout).strip()}")
    if f"code for {ARCHITECTURE}" not in done.stdout:
        raise Unavailable(f"{path} has no code for {ARCHITECTURE}")
    return list(parse(done.stdout))
