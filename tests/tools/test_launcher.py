"""./gan_cuda, with stand-ins for CMake and the set-up. usage: test_launcher.py (runs all tests)"""

import os
import pty
import shutil
import subprocess
import time
import unittest

from sandbox import ROOT, ScriptTest

# Builds a program that tells how it was called. Each call goes to $HOME/cmake.log.
CMAKE = r"""
echo "$PWD: $*" >>"$HOME/cmake.log"
[[ ! ${FAIL:-} ]] || { echo "error: no such luck"; exit 1; }
echo "chatter"
if [[ $* == *--preset* ]]; then
  echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"build/$3/CMakeCache.txt"
  touch "build/$3/build.ninja"
else
  sleep "${SLOW:-0}"
  for ((step = 1; step <= ${STEPS:-0}; ++step)); do echo "[$step/$STEPS] Building x.cpp.o"; done
  [[ ! ${CHANGES:-} ]] || touch "$CHANGES"
  [[ ! ${SERVER:-} ]] || sleep 20 &>/dev/null &
  printf '%s\n' '#!/bin/bash' 'printf "<%s>" "$@"' 'echo " in $PWD"' 'exit 7' >"$2/gan_cuda"
  chmod +x "$2/gan_cuda"
fi
"""


class LauncherTest(ScriptTest):
    def setUp(self):
        super().setUp()
        (self.bin / "chmod").symlink_to(shutil.which("chmod"))
        self.stand_in("cmake", CMAKE)
        self.checkout = self.folder / "a checkout"
        for name in ("cmake", "host", "kernels", "tools"):
            (self.checkout / name).mkdir(parents=True)
        for name in ("CMakeLists.txt", "CMakePresets.json", "host/old.cpp"):
            (self.checkout / name).write_text("")
        self.launcher = self.checkout / "gan_cuda"
        shutil.copy(ROOT / "gan_cuda", self.launcher)
        shutil.copy(ROOT / "tools/toolchain.sh", self.checkout / "tools")
        self.script(self.checkout / "tools/setup", 'echo "set up" >>"$HOME/setup.log"; exit ${SETUP:-0}')

    def launch(self, *arguments, preset="cpu", **options):
        return self.run_script(options.pop("launcher", self.launcher), *arguments, GAN_BUILD_PRESET=preset, **options)

    def calls(self) -> list[str]:
        log = self.folder / "cmake.log"
        return log.read_text().splitlines() if log.exists() else []

    def test_arguments_folder_and_exit_code_are_the_users(self):
        elsewhere = self.folder / "some where"
        elsewhere.mkdir()
        for _ in range(2):
            done = self.launch("--out", "a b", "", "*", cwd=elsewhere)
            self.assertEqual(done.stdout, f"<--out><a b><><*> in {elsewhere}\n")
            self.assertEqual(done.returncode, 7)

    def test_builds_once_and_says_so_once(self):
        first, second = self.launch(), self.launch()
        self.assertRegex(first.stderr, r"\Agan_cuda: building \(once\).*\n\Z")
        self.assertEqual(second.stderr, "")
        build = self.checkout / "build/cpu"
        self.assertEqual(self.calls(), [
            f"{self.checkout}: --fresh --preset cpu -D GAN_TESTS=OFF -D GAN_UNITY=ON",
            f"{self.checkout}: --build {build} --target gan_cuda --parallel {len(os.sched_getaffinity(0))}"])
        self.assertEqual((self.folder / "setup.log").read_text(), "set up\n")

    def test_builds_again_when_a_source_changed_came_or_went(self):
        self.launch()
        source = self.checkout / "host/old.cpp"
        for change in (lambda: source.write_text("new"), (self.checkout / "kernels/new.h").touch, source.unlink):
            before = len(self.calls())
            change()
            self.assertIn("sources changed", self.launch().stderr)
            self.assertEqual(len(self.calls()), before + 1)
            self.assertEqual(self.launch().stderr, "")

    def test_builds_again_after_a_commit(self):
        log = self.checkout / ".git/logs/HEAD"
        log.parent.mkdir(parents=True)
        log.touch()
        self.launch()
        log.write_text("a commit")
        self.assertIn("building", self.launch().stderr)

    def test_a_moved_checkout_is_configured_anew(self):
        self.launch()
        moved = self.folder / "moved"
        self.checkout.rename(moved)
        (moved / "host/old.cpp").write_text("new")
        self.launch(launcher=moved / "gan_cuda")
        self.assertIn(f"{moved}: --fresh --preset cpu -D GAN_TESTS=OFF -D GAN_UNITY=ON", self.calls())

    def test_a_failed_build_shows_its_log_and_is_tried_again(self):
        failed = self.launch(FAIL="1")
        self.assertEqual((failed.returncode, failed.stdout), (1, ""))
        self.assertIn("error: no such luck", failed.stderr)
        self.assertEqual(self.launch().returncode, 7)

    def test_a_failed_cuda_build_names_the_way_out(self):
        self.assertIn("GAN_BUILD_PRESET=cpu", self.launch(preset="cuda", FAIL="1").stderr)

    def test_shows_every_tenth_of_a_build(self):
        lines = self.launch(STEPS="40").stderr.splitlines()
        self.assertEqual(lines[1:], [f"gan_cuda: building [{n}/40]" for n in range(4, 41, 4)])

    def test_shows_each_step_on_a_terminal(self):
        terminal, end = pty.openpty()
        environment = {"PATH": str(self.bin), "HOME": str(self.folder), "GAN_BUILD_PRESET": "cpu", "STEPS": "3"}
        subprocess.run([self.launcher], env=environment, stdout=subprocess.DEVNULL, stderr=end, timeout=60)
        os.close(end)
        shown = os.read(terminal, 4096).decode()
        os.close(terminal)
        self.assertIn("".join(f"\rgan_cuda: building [{n}/3] " for n in (1, 2, 3)) + "\r\n", shown)

    def gpus(self, *capabilities: str):
        self.stand_in("nvidia-smi", f'[[ $* == *compute_cap* ]] && printf "%s\\n" {" ".join(capabilities)}')

    def launch_with_toolkit(self):
        nvcc = self.script(self.folder / "nvcc", 'echo "Cuda compilation tools, release 13.0, V1"')
        return self.launch(preset="", CUDACXX=str(nvcc))

    @unittest.skipIf(os.path.exists("/dev/nvidiactl"), "there is a GPU here")
    def test_without_a_gpu_builds_for_the_cpu_and_says_so(self):
        self.assertRegex(self.launch_with_toolkit().stderr, "for the CPU only: there is no GPU here .*GAN_BUILD_PRESET=cuda")
        self.assertIn("--preset cpu ", self.calls()[0])

    def test_builds_for_the_gpus_that_are_there(self):
        self.gpus("9.0", "8.6", "9.0")
        self.assertNotIn("CPU", self.launch_with_toolkit().stderr)
        self.assertIn("--preset cuda ", self.calls()[0])
        self.assertIn("-D CMAKE_CUDA_ARCHITECTURES=90-real;86-real", self.calls()[0])

    @unittest.skipIf(os.path.exists("/dev/nvidiactl"), "there is a GPU here")
    def test_a_driver_without_gpus_is_none(self):
        self.gpus("No devices were found")
        self.assertIn("for the CPU only", self.launch_with_toolkit().stderr)

    def test_stops_when_packages_are_missing(self):
        done = self.launch(SETUP="1")
        self.assertEqual((done.returncode, self.calls()), (1, []))

    def test_works_through_a_link(self):
        link = self.folder / "link"
        link.symlink_to(self.launcher)
        self.assertEqual(self.launch("x", launcher=link).stdout, f"<x> in {self.folder}\n")

    def test_two_at_a_time_build_once(self):
        environment = {"PATH": str(self.bin), "HOME": str(self.folder), "GAN_BUILD_PRESET": "cpu", "SLOW": "0.5"}
        both = [subprocess.Popen([self.launcher], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                for _ in range(2)]
        self.assertEqual([p.communicate() and p.returncode for p in both], [7, 7])
        self.assertEqual(len(self.calls()), 2)

    def test_what_changes_during_a_build_is_built_by_the_next(self):
        self.launch(CHANGES=str(self.checkout / "host/old.cpp"), SLOW="0.1")
        self.assertIn("building again", self.launch().stderr)
        self.assertEqual(self.launch().stderr, "")

    def test_a_compile_server_that_stays_holds_up_nobody(self):
        self.launch(SERVER="1")
        (self.checkout / "host/old.cpp").write_text("new")
        start = time.monotonic()
        self.launch()
        self.assertLess(time.monotonic() - start, 10)

    def test_is_quick_when_there_is_nothing_to_build(self):
        self.launch()
        start = time.monotonic()
        self.launch()
        self.assertLess(time.monotonic() - start, 2)  # 0.05 s here; the limit is for busy machines


class PresetTest(ScriptTest):
    def choose(self, **variables) -> list[str]:
        script = self.script(self.folder / "choose", f'set -euo pipefail; source "{ROOT}/tools/toolchain.sh"\n'
                             'choose_preset cuda; echo "$preset"; echo "$why_no_cuda"; echo "${CUDACXX:-}"')
        done = self.run_script(script, **variables)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def nvcc(self, release: str):
        return self.script(self.folder / "cuda home/bin/nvcc", f'echo "Cuda compilation tools, release {release}, V1"')

    def test_cuda_where_there_is_a_toolkit(self):
        nvcc = self.nvcc("13.0")
        self.assertEqual(self.choose(CUDA_HOME=str(self.folder / "cuda home")), ["cuda", "", str(nvcc)])

    def test_cpu_where_the_toolkit_is_too_old(self):
        self.nvcc("11.8")
        preset, why, compiler = self.choose(CUDA_HOME=str(self.folder / "cuda home"))
        self.assertEqual((preset, compiler), ("cpu", ""))
        self.assertIn("CUDA 11.8", why)

    def test_cpu_where_nvcc_does_not_run(self):
        nvcc = self.script(self.folder / "nvcc", "exit 1")
        preset, why, _ = self.choose(CUDACXX=str(nvcc))
        self.assertEqual((preset, why), ("cpu", f"{nvcc} does not run"))

    def test_cpu_where_there_is_no_toolkit(self):
        preset, why, _ = self.choose(CUDA_HOME="/nowhere")
        self.assertEqual(preset, "cpu")
        self.assertIn("no CUDA toolkit", why)

    def test_the_user_may_choose(self):
        self.nvcc("13.0")
        self.assertEqual(self.choose(CUDA_HOME=str(self.folder / "cuda home"), GAN_BUILD_PRESET="asan")[0], "asan")


if __name__ == "__main__":
    unittest.main()
