"""What the tests of the scripts share: a folder of their own, with a space in its name, and stand-ins for programs."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = ("awk", "bash", "cat", "cut", "dirname", "env", "find", "flock", "grep", "id", "mkdir", "mv", "nproc", "python3",
          "readlink", "rm", "sed", "sleep", "sort", "touch")


class ScriptTest(unittest.TestCase):
    """PATH holds the plainest tools and what stand_in() put there, nothing else of this machine."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="gan tools ")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name).resolve()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in SYSTEM:
            (self.bin / name).symlink_to(sys.executable if name == "python3" else shutil.which(name))

    def script(self, path: pathlib.Path, text: str, shell: str = "/bin/bash") -> pathlib.Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{shell}\n{text}\n")
        path.chmod(0o755)
        return path

    def stand_in(self, name: str, text: str) -> pathlib.Path:
        return self.script(self.bin / name, text)

    def run_script(self, script: pathlib.Path, *arguments: str, cwd: pathlib.Path | None = None, **variables: str):
        environment = {"PATH": str(self.bin), "HOME": str(self.folder)} | variables
        return subprocess.run([script, *arguments], cwd=cwd or self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
