"""What happens to a run from outside: signals, terminals that close, logs that nobody can write, folders and files that go away."""
import fcntl
import json
import os
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time
import unittest
from pathlib import Path

from font_digits import DIGITS
from program_case import PROGRAM, ProgramCase

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--log-every", "10"]
LONG = [*SMALL, "--max-steps", "100000000", "--epochs", "1000000"]


def ignore_hangup():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Outside(ProgramCase):
    def start(self, *arguments, **options):
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.root,
                                   **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, path, length=1, seconds=60):
        end = time.monotonic() + seconds
        while not (self.root / path).exists() or (self.root / path).stat().st_size < length:
            self.assertLess(time.monotonic(), end, f"{path} does not come")
            time.sleep(0.005)

    def start_long(self, run, *arguments, **options):
        process = self.start(*LONG, "--out", run, *arguments, **options)
        self.wait_for(f"{run}/metrics.csv", 500)
        return process

    def info(self, run):
        return json.loads(self.done("info", run, "--json").stdout)

    def assert_finished(self, process, run, steps):
        self.assertEqual(process.wait(120), 0)
        self.assertEqual(self.info(run)["step"], steps)

    def test_messages_that_nobody_reads_do_not_end_a_run(self):
        read, write = os.pipe()
        process = self.start(*SMALL, "--max-steps", 3000, "--out", "piped", stdout=write, stderr=write)
        os.close(write)
        os.read(read, 1)
        os.close(read)
        self.assert_finished(process, "piped", 3000)
        with open("/dev/full", "w") as full:
            self.assert_finished(self.start(*SMALL, "--max-steps", 1000, "--out", "full", stdout=full, stderr=full), "full", 1000)

    def test_a_terminal_that_closes_does_not_end_a_run_that_ignores_it(self):
        master, terminal = pty.openpty()
        process = self.start(*SMALL, "--max-steps", 5000, "--out", "run", stdout=terminal, stderr=terminal, preexec_fn=ignore_hangup)
        os.close(terminal)
        self.wait_for("run/metrics.csv", 200)
        os.close(master)
        self.assert_finished(process, "run", 5000)

    def test_a_hangup_saves_a_checkpoint(self):
        process = self.start_long("run")
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)  # by the system and by the shell
        self.assertEqual(process.wait(60), 129)
        self.assertGreater(self.info("run")["step"], 0)
        ignoring = self.start_long("ignoring", preexec_fn=ignore_hangup)
        ignoring.send_signal(signal.SIGHUP)
        size = (self.root / "ignoring/metrics.csv").stat().st_size
        self.wait_for("ignoring/metrics.csv", size + 1000)
        ignoring.terminate()
        self.assertEqual(ignoring.wait(60), 143)

    def test_a_second_signal_ends_at_once(self):
        for first, second in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGTERM)):
            run = f"run-{first}"
            process = self.start("--device", "cpu", "--threads", 1, "--data", DIGITS, "--g-hidden", "2048,2048", "--batch", 8000,
                                 "--out", run)
            self.wait_for(f"{run}/report.html")
            time.sleep(0.3)
            process.send_signal(first)
            time.sleep(0.3)
            self.assertIsNone(process.poll(), "its step was too fast to test anything")
            process.send_signal(second)
            self.assertEqual(process.wait(2), -second)

    SWEEP = f'data = "{DIGITS}"\ndevice = "cpu"\ng-hidden = [16]\nd-hidden = [8]\nepochs = 100000\nseeds = [1, 2]\n' \
            'eval-measures = ["parzen"]\n[configuration.a]\nlog-every = 10\n'

    def children(self, process):
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]

    def start_sweep(self, **options):
        (self.root / "s.toml").write_text(self.SWEEP)
        process = self.start("sweep", "s.toml", "--jobs", 2, **options)
        for seed in (1, 2):
            self.wait_for(f"sweeps/s/a/seed_{seed}/metrics.csv", 500)
        return process, self.children(process)

    def assert_sweep_saved(self, pids):
        end = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{pid}") for pid in pids):
            self.assertLess(time.monotonic(), end, "a run of the sweep trains on")
            time.sleep(0.01)
        for seed in (1, 2):
            self.assertGreater(self.info(f"sweeps/s/a/seed_{seed}")["step"], 0)

    def test_the_runs_of_a_sweep_end_with_it_and_save(self):
        for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGHUP, 129), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                process, pids = self.start_sweep()
                self.assertEqual(len(pids), 2)
                process.send_signal(number)
                self.assertEqual(process.wait(60), code)
                self.assert_sweep_saved(pids)
                shutil.rmtree(self.root / "sweeps")

    def test_ctrl_c_reaches_all_programs_of_a_sweep_and_they_save(self):
        process, pids = self.start_sweep(start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assert_sweep_saved(pids)

    def test_a_sigterm_to_all_programs_of_a_sweep_lets_them_save(self):
        process, pids = self.start_sweep(start_new_session=True)
        os.killpg(process.pid, signal.SIGTERM)
        self.assertEqual(process.wait(60), 143)
        self.assert_sweep_saved(pids)

    def test_a_build_may_replace_the_program_of_a_sweep(self):
        program = self.root / "program"
        shutil.copy(PROGRAM, program)
        (self.root / "s.toml").write_text(self.SWEEP.replace("epochs = 100000", "max-steps = 500\neval-every = 0\neval-count = 50"))
        process = subprocess.Popen([program, "sweep", "s.toml", "--jobs", "1"], cwd=self.root, stderr=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, text=True)
        self.addCleanup(process.kill)
        self.wait_for("sweeps/s/a/seed_1/metrics.csv", 100)
        program.unlink()
        _, errors = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, errors)

    def test_a_run_that_lost_its_folder_leaves_the_next_one_alone(self):
        old = self.start_long("run", "--checkpoint-every", 1, "--sample-every", 1, "--seed", 7, stderr=subprocess.PIPE, text=True)
        shutil.rmtree(self.root / "run")
        new = self.start(*SMALL, "--max-steps", 20, "--out", "run", "--quiet")
        _, errors = old.communicate(timeout=120)
        self.assertEqual(new.wait(60), 0)
        self.assertEqual(old.returncode, 1, errors)
        self.assertIn("run was removed or replaced", errors.splitlines()[-1])
        self.assertEqual(self.info("run")["step"], 20)
        self.assertEqual(self.info("run")["config"]["run"]["seed"], 1)

    def test_a_run_is_no_part_of_a_sweep(self):
        (self.root / "sweeps/s/a").mkdir(parents=True)
        (self.root / "sweeps/s/sweep.json").write_text("[]")
        (self.root / "sweeps/s/a/configuration.json").write_text("{}")
        for folder in ("sweeps/s", "sweeps/s/a"):
            done = subprocess.run([PROGRAM, *SMALL, "--max-steps", "1", "--quiet", "--out", folder], cwd=self.root, capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("belongs to a sweep", done.stderr)

    def test_closed_streams_do_not_send_messages_into_files(self):
        for closed in ((2,), (0, 1, 2), (1,)):
            run = "run-" + "-".join(map(str, closed))
            process = subprocess.run([PROGRAM, *SMALL, "--max-steps", "30", "--out", run], cwd=self.root, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL,
                                     preexec_fn=lambda closed=closed: [os.close(stream) for stream in closed])
            self.assertEqual(process.returncode, 0)
            self.assertEqual((self.root / run / ".lock").read_bytes(), b"")
            self.assertEqual(self.info(run)["step"], 30)

    def test_what_a_killed_run_left_is_removed(self):
        self.done(*SMALL, "--max-steps", "5", "--quiet", "--out", "run")
        gone = [self.root / "run" / "config.json.999999-0.tmp", self.root / "run/samples" / "epoch_0001.png.999999-12.tmp"]
        kept = [self.root / "run" / name for name in ("mine.tmp", "a.1-.tmp", f"b.{os.getpid()}-0.tmp")]
        for path in [*gone, *kept]:
            path.write_text("")
        self.done("--resume", "run", "--max-steps", "6", "--quiet")
        self.assertEqual([path.exists() for path in gone], [False] * 2)
        self.assertEqual([path.exists() for path in kept], [True] * 3)

    def test_a_file_that_goes_away_during_a_run_is_said_and_written_anew(self):
        process = self.start_long("run", "--checkpoint-every", 1, stderr=subprocess.PIPE, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stderr))
        reader.start()
        names = ["metrics.csv", "metrics.jsonl", next((self.root / "run").glob("events*")).name]
        for name in names:
            (self.root / "run" / name).unlink()
        for name in names:
            self.wait_for(f"run/{name}", 500)
        process.terminate()
        self.assertEqual(process.wait(60), 143)
        reader.join()
        for name in names:
            self.assertEqual(len([line for line in lines if name in line and "was removed" in line]), 1, (name, lines))
        steps = [int(row.split(",")[0]) for row in (self.root / "run/metrics.csv").read_text().splitlines()[1:]]
        last = self.info("run")["step"]
        self.assertEqual(steps, [*range(10, last, 10), last])

    @unittest.skipIf(b"__asan_init" in Path(PROGRAM).read_bytes(), "a sanitizer needs terabytes of address space")
    def test_little_memory_is_one_line_and_no_hang(self):
        (self.root / "data").mkdir()
        for part in ("train", "t10k"):
            (self.root / f"data/{part}-images-idx3-ubyte").write_bytes(
                struct.pack(">4I", 2051, 60, 28, 28) + bytes(i * 37 % 251 for i in range(60 * 784)))
        small = ["--device", "cpu", "--threads", "2", "--data", "data", "--batch", "20", "--max-steps", "5", "--quiet"]
        self.done(*small, "--out", "run")
        refused = 0
        for megabytes in (60, 90, 120, 150, 180, 210, 240, 270, 300, 350, 400, 500, 800, 1000, 1200):
            limit = megabytes << 20
            for arguments in ([*small, "--out", f"run-{megabytes}"], ["eval", "run", "--data", "data", "--count", "100", "--measures",
                              "parzen"], ["sample", "--model", "run", "--out", "a.png"], ["--version"]):
                with self.subTest(megabytes=megabytes, arguments=arguments):
                    done = subprocess.run([PROGRAM, *arguments], cwd=self.root, capture_output=True, text=True, timeout=60,
                                          preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
                    if "shared libraries" in done.stderr:  # the system's own message
                        continue
                    self.assertIn(done.returncode, (0, 1))
                    if done.returncode == 1:
                        refused += 1
                        self.assertRegex(done.stderr.splitlines()[-1], "not enough memory|cannot start")
                        self.assertLessEqual(len(done.stderr.splitlines()), 2, done.stderr)
        self.assertGreater(refused, 3)

    def test_threads_are_as_many_as_the_processors_that_may_be_used(self):
        one = {min(os.sched_getaffinity(0))}
        subprocess.run([PROGRAM, *SMALL[:2], *SMALL[4:], "--max-steps", "5", "--quiet", "--out", "run"], cwd=self.root, check=True,
                       preexec_fn=lambda: os.sched_setaffinity(0, one))
        self.assertEqual(json.loads((self.root / "run/config.json").read_text())["device"], "CPU, 1 thread")

    def on_terminal(self, *arguments, columns, **environment):
        """What a program writes to a terminal of so many columns."""
        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        process = self.start(*arguments, stderr=terminal, env={**os.environ, **environment})
        os.close(terminal)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:  # the program has ended
            pass
        os.close(master)
        self.assertEqual(process.wait(60), 0)
        return text.decode()

    def test_progress_fits_the_terminal(self):
        for columns in (200, 80, 60, 20):
            text = self.on_terminal(*SMALL, "--max-steps", 1000, "--out", f"run-{columns}", columns=columns, TERM="xterm")
            renewed = re.findall("\r\x1b\\[K([^\r\n]*)", text)
            self.assertGreater(len(renewed), 10)
            self.assertLess(max(map(len, renewed)), columns)
            self.assertTrue(text.endswith("\r\n") and not text.endswith("\r\n\r\n"), text[-200:])
            self.assertEqual("D(x)" in text, columns == 200)

    def test_progress_follows_a_terminal_that_is_resized(self):
        def resize(columns):
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))

        def read_lines(count):
            text = b""
            while text.count(b"\x1b[K") <= count:  # the last may not be whole yet
                text += os.read(master, 65536)
            return [line.partition("\r\n")[0] for line in text.decode().split("\r\x1b[K")[1:-1]]

        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, terminal)
        resize(200)
        process = self.start(*LONG, "--out", "run", stderr=terminal, env={**os.environ, "TERM": "xterm"})
        self.assertGreater(max(map(len, read_lines(5))), 60)
        resize(40)
        read_lines(3)  # written before it knew
        self.assertLess(max(map(len, read_lines(5))), 40)
        resize(200)
        read_lines(3)
        self.assertGreater(max(map(len, read_lines(5))), 60)
        process.terminate()
        self.assertEqual(process.wait(60), 143)

    def test_a_dumb_terminal_gets_no_escapes_and_no_line_twice(self):
        for kind in ("dumb", ""):
            text = self.on_terminal(*SMALL, "--epochs", 3, "--batch", 1000, "--log-every", 100, "--out", f"run-{kind}", columns=80,
                                    TERM=kind)
            self.assertNotIn("\x1b", text)
            lines = text.split("\r\n")
            self.assertNotIn("\r", "".join(lines))
            self.assertEqual(len(set(lines)), len(lines))


if __name__ == "__main__":
    unittest.main()
