"""What the tests under a real mpirun share. They end with code 77 where there is none, or where the program was built without MPI."""
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from program_case import PROGRAM, ProgramCase, write_data

# Open MPI wants to be asked twice by root; and it leaks.
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "ASAN_OPTIONS": "detect_leaks=0"}
MPIRUN = ["mpirun", "--oversubscribe"]


def skip_without_mpi():
    fake = {**os.environ, "PMI_RANK": "0", "PMI_SIZE": "2"}
    done = subprocess.run([PROGRAM, "sweep", "none.toml"], env=fake, capture_output=True, text=True)
    if not shutil.which("mpirun") or "without MPI" in done.stderr:
        print(f"{Path(sys.argv[0]).stem}: skipped: {done.stderr.strip() or 'there is no mpirun'}")
        sys.exit(77)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ours(errors: str) -> list[str]:
    """What gan_cuda said, and not mpirun."""
    return [line for line in errors.splitlines() if line.startswith("gan_cuda: ")]


class MpiCase(ProgramCase):
    def setUp(self):
        super().setUp()
        write_data(self.root / "data")

    def start(self, *command):
        process = subprocess.Popen([*MPIRUN, *map(str, command)], cwd=self.root, env=ENVIRONMENT, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def ended(self, process, timeout=120):
        """The exit code, its standard output, and the lines of gan_cuda."""
        output, errors = process.communicate(timeout=timeout)
        return process.returncode, output, ours(errors)

    def wait_for(self, is_so):
        end = time.monotonic() + 60
        while not is_so():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
