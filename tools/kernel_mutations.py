"""The mutants of CUDA sources: each is the source with one small thing changed that somebody could have got wrong.

Changed are the bodies of device functions and, of the host's, those that launch a kernel or count its blocks. The places are
found in the text, and rely on what clang-format makes of it: a binary operator stands between blanks, a unary one does not.
"""

import re
from typing import Iterator, NamedTuple

KINDS = {
    "barrier": "a barrier or a fence is gone",
    "guard": "a condition always holds, or an early return is never taken",
    "comparison": "<= for <, != for == and their like",
    "bound": "what is compared with is off by one in the other direction, or the size of a shared array is",
    "logic": "|| for && and the other way round",
    "sign": "- for + and the other way round",
    "arithmetic": "another operator: a stride that is added, a quotient for a remainder, …",
    "index": "another dimension, block for thread, another component, exchanged subscripts",
    "constant": "a number or a named constant is off by one",
    "shuffle": "another direction, or a distance that is off by one",
}

# Text that is no code, and preprocessor lines.
NOT_CODE = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'|^[ \t]*\#(?:\\\n|[^\n])*""", re.S | re.M)
FUNCTION = re.compile(r"\)(?:\s*(?:const|noexcept))*$")
DEVICE = re.compile(r"\b(__global__|__device__|GAN_HOST_DEVICE)\b")
LAUNCH = re.compile(r"\blaunch(_cooperative)?\(")

OPERATORS = {
    "<": [("comparison", "<=")], "<=": [("comparison", "<")], ">": [("comparison", ">=")], ">=": [("comparison", ">")],
    "==": [("comparison", "!=")], "!=": [("comparison", "==")], "&&": [("logic", "||")], "||": [("logic", "&&")],
    "+": [("sign", "-"), ("arithmetic", "*")], "-": [("sign", "+")], "+=": [("sign", "-=")], "-=": [("sign", "+=")],
    "*": [("arithmetic", "+")], "/": [("arithmetic", "*")], "%": [("arithmetic", "/")], "<<": [("arithmetic", ">>")],
    ">>": [("arithmetic", "<<")], "|": [("arithmetic", "&")], "&": [("arithmetic", "|")], "*=": [("arithmetic", "/=")],
    "/=": [("arithmetic", "*=")],
}
OTHER_BOUND = {"<": " -1 +", "<=": " 1 +", ">": " 1 +", ">=": " -1 +"}  # the other direction is another comparison
BINARY = re.compile(r"(?<=\s)(?:" + "|".join(sorted(map(re.escape, OPERATORS), key=len, reverse=True)) + r")(?=\s)")
MINUS = re.compile(r"(?<=[\s(\[{])-(?=[\w.(])")
BARRIER = re.compile(r"\b(?:__sync(?:threads|warp)\w*|__threadfence\w*|\w+\.sync|\w+::sync|barrier_\w+"
                     r"|(?:\w+::)?await_predecessor)\([^;]*?\);")
IF = re.compile(r"\bif (?=\()")
SHARED_ARRAY = re.compile(r"\b__shared__\s[^;]*;")
COMPONENT = re.compile(r"(?<=\.)(?<!Idx\.)(?<!Dim\.)(?:[xyzw]|first|second)\b(?!\()")
OTHER_COMPONENT = {"x": "y", "y": "z", "z": "w", "w": "x", "first": "second", "second": "first"}
BUILT_IN = re.compile(r"\b(threadIdx|blockIdx|blockDim|gridDim)\.([xyz])\b")
OTHER_BUILT_IN = {"threadIdx": "blockIdx", "blockIdx": "threadIdx", "blockDim": "gridDim", "gridDim": "blockDim"}
SUBSCRIPTS = re.compile(r"(\[[^\[\]]*\])(\[[^\[\]]*\])")
INTEGER = re.compile(r"(?<![\w.])(?:0x[\da-fA-F]+|\d+)[uUlL]*(?![\w.])")
FLOAT = re.compile(r"(?<![\w.])(?:0x[\da-fA-F]+p[-+]?\d+|\d+\.\d*)[fF]?(?![\w.])")
NAMED = re.compile(r"\b(?:\w+::)*k[A-Z]\w*\b")
SHUFFLE = re.compile(r"\b__shfl_(up|down|xor)_sync(?=\()")
OTHER_SHUFFLE = {"up": "down", "down": "up", "xor": "down"}
COMPARED = re.compile(r"\s(?:<|<=|>|>=)\s+$")  # is the kind "bound"
NO_SHARED_MEMORY = re.compile(r"0(?=,\s*stream\b)")  # of a launch; more would change nothing


class Change(NamedTuple):
    kind: str
    start: int  # text[start:end] becomes `text`
    end: int
    text: str


class Mutant(NamedTuple):
    file: str
    line: int
    kind: str
    original: str  # the line, without the blanks around it
    changed: str
    source: str  # the whole file


class Region(NamedTuple):
    name: str
    start: int
    end: int


def without_comments(source: str) -> str:
    """The source with blanks for everything that is no code, so that places stay the same."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def closing(code: str, start: int) -> int:
    """Where the bracket at `start` is closed."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    raise ValueError("brackets do not match")


def third_argument(code: str, start: int) -> int:
    """Where the third argument begins of the call whose bracket opens at `start`."""
    i, commas = start + 1, 0
    while commas < 2:
        i = closing(code, i) if code[i] in "([{" else i
        commas += code[i] == ","
        i += 1
    return i + 1  # after the blank


def name_of(declaration: str) -> str:
    """The name of a function: what stands before its last bracket."""
    last = declaration.rindex(")")
    depth = 0
    for i in range(last, -1, -1):
        depth += (declaration[i] == ")") - (declaration[i] == "(")
        if depth == 0:
            return re.search(r"(\w*)$", declaration[:i])[1]
    raise ValueError("brackets do not match")


def regions(code: str) -> Iterator[Region]:
    """What is changed of code without comments: bodies of functions, and constants that are computed."""
    start = i = 0  # `start` is that of the declaration under way
    while i < len(code):
        declaration = code[start:i].rstrip()
        if code[i] == "(":
            i = closing(code, i)
        elif code[i] == ";":
            if constant := re.search(r"\bconstexpr\b[^=]*?(\w+) = ", declaration):
                if BINARY.search(declaration, constant.end()):
                    yield Region(constant[1], start + constant.end(), i)
            start = i + 1
        elif code[i] == "}":
            start = i + 1
        elif code[i] == "{":
            if FUNCTION.search(declaration):
                end = closing(code, i)
                name = name_of(declaration)
                if DEVICE.search(declaration) or LAUNCH.search(code, i, end) or name.startswith("blocks_"):
                    yield Region(name, i, end)
                i, start = end, end + 1
            elif re.search(r"=|\benum\b", declaration):
                i = closing(code, i)
            else:  # of a namespace or a class
                start = i + 1
        i += 1


def changes(code: str, region: Region) -> Iterator[Change]:
    """What can be changed there."""
    where = region.start, region.end
    for found in BARRIER.finditer(code, *where):
        yield Change("barrier", *found.span(), ";")
    for found in IF.finditer(code, *where):
        end = closing(code, found.end())
        never = re.match(r"\)\s*return\b", code[end:])
        yield Change("guard", found.end() + 1, end, "false" if never else "true")
    for found in BINARY.finditer(code, *where):
        for kind, other in OPERATORS[found[0]]:
            yield Change(kind, *found.span(), other)
        if found[0] in OTHER_BOUND:
            yield Change("bound", found.end(), found.end(), OTHER_BOUND[found[0]])
    for found in MINUS.finditer(code, *where):
        yield Change("sign", *found.span(), "+")
    for found in BUILT_IN.finditer(code, *where):
        yield Change("index", *found.span(1), OTHER_BUILT_IN[found[1]])
        yield Change("index", *found.span(2), "x" if found[2] != "x" else "y")
    for found in COMPONENT.finditer(code, *where):
        yield Change("index", *found.span(), OTHER_COMPONENT[found[0]])
    for found in SUBSCRIPTS.finditer(code, *where):
        yield Change("index", *found.span(), found[2] + found[1])
    for found in SHUFFLE.finditer(code, *where):
        yield Change("shuffle", *found.span(1), OTHER_SHUFFLE[found[1]])
        distance = third_argument(code, found.end())
        yield Change("shuffle", distance, distance, "1 + ")
    yield from changed_constants(code, region)


def changed_constants(code: str, region: Region) -> Iterator[Change]:
    shared_arrays = [found.span() for found in SHARED_ARRAY.finditer(code, region.start, region.end)]
    for pattern in (INTEGER, FLOAT, NAMED):
        for found in pattern.finditer(code, region.start, region.end):
            if COMPARED.search(code, 0, found.start()) or NO_SHARED_MEMORY.match(code, found.start()):
                continue
            if any(start < found.start() < end for start, end in shared_arrays):
                yield Change("bound", *found.span(), f"{found[0]} - 1")  # one more would change nothing
                continue
            yield Change("constant", *found.span(), f"(1 + {found[0]})")
            if pattern is not FLOAT and found[0] != "0":
                yield Change("constant", *found.span(), f"(-1 + {found[0]})")


def line_around(text: str, start: int, end: int) -> str:
    """The whole lines of a place, joined to one."""
    lines = text[text.rfind("\n", 0, start) + 1:end] + text[end:].partition("\n")[0]
    return " ".join(lines.split())


def mutants(file: str, source: str) -> list[Mutant]:
    """All mutants of one file, each once."""
    code = without_comments(source)
    found = {}
    for region in regions(code):
        for change in sorted(changes(code, region), key=lambda change: change.start):
            mutated = source[:change.start] + change.text + source[change.end:]
            line = source.count("\n", 0, change.start) + 1
            found.setdefault(mutated, Mutant(
                file, line, change.kind, line_around(source, change.start, change.end),
                line_around(mutated, change.start, change.start + len(change.text)), mutated))
    return list(found.values())
