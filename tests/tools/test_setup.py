"""tools/setup, with stand-ins for apt, dpkg and sudo. usage: test_setup.py (runs all tests)"""

import os
import pty
import re
import subprocess
import unittest

from sandbox import ROOT, ScriptTest

SETUP = ROOT / "tools/setup"
MISSING = "ninja-build libpng-dev python3-torch"
# All packages are there but those in $MISSING, as dpkg-query tells it.
DPKG = r"""
for name in "${@:3}"; do
  [[ " $MISSING " == *" $name "* ]] && echo "$name not-installed" || echo "$name installed"
done
"""


class SetupTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.stand_in("dpkg-query", DPKG)
        self.stand_in("apt-get", 'echo "apt-get $*" >>"$HOME/apt.log"; [[ $* != *" ${REFUSE:-nothing}"* ]]')
        self.be("0")

    def be(self, user: str):
        (self.bin / "id").unlink()
        self.stand_in("id", f"echo {user}")

    def setup(self, *options, missing=MISSING, **variables):
        return self.run_script(SETUP, *options, MISSING=missing, **variables)

    def apt(self) -> str:
        log = self.folder / "apt.log"
        return log.read_text() if log.exists() else ""

    def test_all_there(self):
        for options in ([], ["--with-tests"], ["--check", "--with-tests"]):
            done = self.setup(*options, missing="")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_check_tells_what_is_missing(self):
        base = self.setup("--check")
        self.assertEqual((base.returncode, base.stdout), (1, "ninja-build\nlibpng-dev\n"))
        self.assertEqual(self.setup("--check", "--with-tests").stdout, "ninja-build\nlibpng-dev\npython3-torch\n")
        self.assertEqual(self.apt(), "")

    def test_fuzzers_are_extra(self):
        self.assertEqual(self.setup("--check", "--with-fuzzers", missing="clang python3-torch").stdout, "clang\n")
        self.assertEqual(self.setup("--check", "--with-tests", missing="clang").returncode, 0)

    def test_mpi_is_extra(self):
        self.assertEqual(self.setup("--check", "--with-mpi", missing="openmpi-bin clang").stdout, "openmpi-bin\n")
        self.assertEqual(self.setup("--check", "--with-tests", missing="openmpi-bin libopenmpi-dev").returncode, 0)

    def test_installs_just_what_is_missing(self):
        done = self.setup("--with-tests")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn(f"to be installed: {MISSING}", done.stderr)
        update, install = self.apt().splitlines()
        self.assertTrue(update.endswith("update"))
        self.assertTrue(install.endswith(f"install -y --no-install-recommends {MISSING}"))

    def test_goes_on_without_an_update(self):
        self.assertEqual(self.setup(REFUSE="update").returncode, 0)

    def test_says_what_to_look_at_when_apt_fails(self):
        done = self.setup(REFUSE="install")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is the network there", done.stderr)

    def test_uses_sudo(self):
        self.be("1000")
        self.stand_in("sudo", 'echo "sudo" >>"$HOME/apt.log"; [[ $1 == -n ]] && shift; "$@"')
        self.assertEqual(self.setup().returncode, 0)
        self.assertEqual(re.findall("^sudo|update|install ", self.apt(), re.MULTILINE),
                         ["sudo", "sudo", "update", "sudo", "install "])

    def test_names_the_command_where_there_is_no_sudo_or_it_refuses(self):
        self.be("1000")
        none = self.setup()
        self.stand_in("sudo", "exit 1")
        for done in (none, self.setup()):
            self.assertEqual(done.returncode, 1)
            self.assertIn("apt-get install ninja-build libpng-dev", done.stderr)
        self.assertEqual(self.apt(), "")

    def at_a_terminal(self, answer: str, *options: str, **variables: str) -> int:
        ours, theirs = pty.openpty()
        try:
            os.write(ours, f"{answer}\n".encode())
            environment = {"PATH": str(self.bin), "HOME": str(self.folder), "MISSING": MISSING} | variables
            return subprocess.run([SETUP, *options], env=environment, stdin=theirs, capture_output=True, timeout=60).returncode
        finally:
            os.close(ours)
            os.close(theirs)

    def test_asks_at_a_terminal(self):
        self.assertEqual(self.at_a_terminal("n"), 1)
        self.assertEqual(self.at_a_terminal(""), 1)
        self.assertEqual(self.apt(), "")
        self.assertEqual(self.at_a_terminal("y"), 0)
        self.assertIn("install -y", self.apt())

    def test_does_not_ask_in_ci_or_when_told(self):
        self.assertEqual(self.at_a_terminal("n", "--yes"), 0)
        self.assertEqual(self.at_a_terminal("n", CI="true"), 0)

    def test_elsewhere_it_lists_what_is_needed(self):
        (self.bin / "apt-get").unlink()
        done = self.setup()
        self.assertEqual(done.returncode, 1)
        self.assertIn("neither Debian nor Ubuntu", done.stderr)
        self.assertIn("libopenblas-dev", done.stderr)
        self.assertEqual(self.setup(GAN_SKIP_SETUP="1").returncode, 0)

    def test_refuses_what_it_does_not_know(self):
        done = self.setup("--all")
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown option --all", done.stderr)


if __name__ == "__main__":
    unittest.main()
