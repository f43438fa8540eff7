"""The rooms of the house: which may include which, and that each keeps to its namespace. usage: test_rooms.py (runs all tests)"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Of each room of host/, the rooms whose headers its files may include; kernels/ is open to all but base and io.
ARROWS = {
    "base": set(),
    "io": {"base"},
    "data": {"base", "io"},
    "model": {"base"},
    "run": {"base", "io", "model"},
    "gpu": {"base", "model"},
    "train": {"base", "io", "data", "model", "run", "gpu", "ranks"},
    "eval": {"base", "io", "data", "model", "run", "gpu", "train"},
    "ranks": {"base"},
    "sweep": {"base", "io", "run", "gpu", "train", "ranks"},
    "bench": {"base", "data", "model", "run", "gpu", "train"},
    "cli": {"base", "io", "data", "model", "run", "gpu", "train", "eval", "ranks", "sweep", "bench"},
}
WITHOUT_KERNELS = {"base", "io"}


def sources(folder: pathlib.Path):
    return (file for file in sorted(folder.rglob("*")) if file.suffix in (".h", ".cpp", ".cu"))


def included(file: pathlib.Path) -> list[str]:
    return re.findall(r'^#include "([^"]+)"', file.read_text(), re.MULTILINE)


class Rooms(unittest.TestCase):
    def test_every_room_is_known(self):
        self.assertEqual({folder.name for folder in (ROOT / "host").iterdir() if folder.is_dir()}, set(ARROWS))

    def test_the_arrows_make_no_circle(self):
        done = set()
        while rest := set(ARROWS) - done:
            free = {room for room in rest if ARROWS[room] <= done}
            self.assertTrue(free, f"a circle among {sorted(rest)}")
            done |= free

    def test_files_include_only_what_their_room_may(self):
        for room, allowed in ARROWS.items():
            for file in sources(ROOT / "host" / room):
                for name in included(file):
                    top, _, rest = name.partition("/")
                    with self.subTest(file=str(file.relative_to(ROOT)), includes=name):
                        self.assertNotEqual(top, "tests")
                        if top == "host":
                            self.assertIn(rest.partition("/")[0], allowed | {room})
                        elif top == "kernels":
                            self.assertNotIn(room, WITHOUT_KERNELS)

    def test_kernels_know_nothing_of_the_host(self):
        for file in sources(ROOT / "kernels"):
            for name in included(file):
                self.assertTrue(name.startswith("kernels/"), f"{file.relative_to(ROOT)} includes {name}")

    def test_only_cuda_code_sees_the_toolkit(self):
        for folder in ("host", "kernels/cpu"):
            for file in sources(ROOT / folder):
                if re.search(r"^#include <(cu|nvtx)\w*", file.read_text(), re.MULTILINE):
                    self.assertTrue(file.is_relative_to(ROOT / "host/gpu"), file.relative_to(ROOT))

    def test_every_file_is_in_the_namespace_of_its_room(self):
        for room in ARROWS:
            for file in [*sources(ROOT / "host" / room), *sources(ROOT / "tests" / room)]:
                for name in re.findall(r"^namespace (gan\S*) \{", file.read_text(), re.MULTILINE):
                    self.assertTrue(name == f"gan::{room}" or name.startswith(f"gan::{room}::"),
                                    f"{file.relative_to(ROOT)} is in {name}")


if __name__ == "__main__":
    unittest.main()
