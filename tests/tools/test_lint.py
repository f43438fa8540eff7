"""tools/lint in a small checkout, with stand-ins for the checkers. usage: test_lint.py (runs all tests)"""

import json
import shutil
import subprocess
import unittest

from sandbox import ROOT, ScriptTest

CHECKERS = ("clang-format", "clang-tidy", "shellcheck")


class LintTest(ScriptTest):
    def setUp(self):
        super().setUp()
        for name in ("git", "xargs", "tail", "realpath"):
            (self.bin / name).symlink_to(shutil.which(name))
        for name in CHECKERS:  # each notes the files it gets
            self.stand_in(name, f'for file in "$@"; do [[ $file == -* ]] || echo "{name} $file" >>"$HOME/log"; done\n'
                          f'[[ {name} != "${{FINDS:-}}" ]]')
        self.checkout = self.folder / "a checkout"
        (self.checkout / "tools").mkdir(parents=True)
        self.lint = self.checkout / "tools/lint"
        shutil.copy(ROOT / "tools/lint", self.lint)
        for name in ("old.cpp", "kernel.cu", "head.h", "no code.md"):
            (self.checkout / name).write_text(name)
        (self.checkout / ".gitignore").write_text("/build/\n")
        self.git("init", "--quiet")
        self.commit()
        (self.checkout / "new one.cpp").write_text("another\n")
        self.commit()
        self.compiles("old.cpp", "new one.cpp", "newest.cpp")

    def git(self, *arguments: str):
        subprocess.run(["git", "-C", self.checkout, "-c", "user.name=A", "-c", "user.email=a@b", *arguments],
                       check=True, capture_output=True)

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "x")

    def compiles(self, *names: str):
        (self.checkout / "build/cpu").mkdir(parents=True, exist_ok=True)
        (self.checkout / "build/cpu/compile_commands.json").write_text(
            json.dumps([{"file": str(self.checkout / name)} for name in names], indent=2))

    def seen_by(self, checker: str, *options: str) -> list[str]:
        (self.folder / "log").unlink(missing_ok=True)
        done = self.run_script(self.lint, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = (line.split(" ", 1) for line in (self.folder / "log").read_text().splitlines())
        return sorted(file for name, file in lines if name == checker and "build" not in file)

    def test_formats_every_source_file(self):
        self.assertEqual(self.seen_by("clang-format"), ["head.h", "kernel.cu", "new one.cpp", "old.cpp"])

    def test_sees_new_files_and_no_removed_ones(self):
        (self.checkout / "old.cpp").unlink()
        (self.checkout / "newest.cpp").write_text("1\n")
        self.assertEqual(self.seen_by("clang-format"), ["head.h", "kernel.cu", "new one.cpp", "newest.cpp"])
        self.assertEqual(self.seen_by("clang-tidy"), ["new one.cpp", "newest.cpp"])

    def test_checks_every_script(self):
        self.assertEqual(self.seen_by("shellcheck"), ["tools/lint"])

    def test_tidies_the_last_commit_and_what_is_not_committed(self):
        self.assertEqual(self.seen_by("clang-tidy"), ["new one.cpp"])
        (self.checkout / "newest.cpp").write_text("1\n")
        self.assertEqual(self.seen_by("clang-tidy"), ["new one.cpp", "newest.cpp"])

    def test_tidies_what_is_ahead_of_the_upstream_branch(self):
        self.git("branch", "upstream", "HEAD~1")
        (self.checkout / "newest.cpp").write_text("1\n")
        self.commit()
        self.git("branch", "--set-upstream-to=upstream")
        self.assertEqual(self.seen_by("clang-tidy"), ["new one.cpp", "newest.cpp"])

    def test_tidies_everything_when_told_that_the_build_compiles(self):
        self.assertEqual(self.seen_by("clang-tidy", "--all"), ["new one.cpp", "old.cpp"])
        self.compiles("old.cpp")
        self.assertEqual(self.seen_by("clang-tidy", "--all", "--build", str(self.checkout / "build/cpu")), ["old.cpp"])

    def test_names_the_files_that_there_was_no_time_for(self):
        done = self.run_script(self.lint, "--minutes", "0")
        self.assertEqual((done.returncode, done.stderr), (0, "tools/lint: clang-tidy had no time for new one.cpp\n"))
        self.assertNotIn("clang-tidy", (self.folder / "log").read_text())

    def test_a_finding_of_any_checker_fails(self):
        for checker in CHECKERS:
            done = self.run_script(self.lint, FINDS=checker)
            self.assertEqual(done.returncode, 1)
            self.assertIn(checker.replace("-", "_"), done.stderr)

    def test_names_the_tool_that_is_missing(self):
        (self.bin / "clang-tidy").unlink()
        self.assertIn("there is no clang-tidy; tools/setup --with-tests", self.run_script(self.lint).stderr)


if __name__ == "__main__":
    unittest.main()
