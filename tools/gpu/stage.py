"""What the stages of gpu_check share: commands under a time limit, one log, and a summary that is always whole."""

import json
import os
import pathlib
import signal
import subprocess
import time

LOG_LIMIT = 4_000_000  # bytes


def shortened(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + " …; see summary.json"


class StageFailed(Exception):
    """What is wrong, in one line."""


class Summary:
    """summary.json: rewritten after every command, so that a call that is cut off loses nothing."""

    def __init__(self, out: pathlib.Path, machine: dict):
        self.path = out / "summary.json"
        self.content = machine | {"stages": {}}
        try:
            before = json.loads(self.path.read_text())
            if all(before.get(key) == value for key, value in machine.items()):
                self.content["stages"] = before["stages"]
        except (OSError, ValueError, KeyError, AttributeError):
            pass  # none yet, or not ours

    def write(self):
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.content, indent=1) + "\n")
        new.replace(self.path)


class Stage:
    """One stage: its figures, and the commands that it runs."""

    def __init__(self, out: pathlib.Path, name: str, summary: Summary, programs: pathlib.Path):
        self.out, self.name, self.summary, self.programs = out, name, summary, programs
        self.log = out / "gpu_check.log"
        self.figures = {"status": "running"}
        self.failures = []
        summary.content["stages"][name] = self.figures
        summary.write()

    def note(self, key: str, value):
        self.figures[key] = value
        self.summary.write()

    def fail(self, what: str):
        self.failures.append(what)

    def program(self, name: str) -> pathlib.Path:
        path = next(self.programs.rglob(name), None)
        if not path:
            raise StageFailed(f"{name} is not among the programs in {self.programs}")
        return path

    def run(self, command: list, *, limit: float, output: pathlib.Path | None = None, **variables: str) -> int:
        """The exit code of the command, which is killed, children included, after `limit` seconds: StageFailed then.
        Its stdout goes to `output` if there is one, else to the log."""
        with self.log.open("ab") as log, (output or pathlib.Path(os.devnull)).open("wb") as stdout:
            log.write(f"\n[{self.name}] $ {' '.join(map(str, command))}\n".encode())
            log.flush()
            process = subprocess.Popen(list(map(str, command)), env=os.environ | variables, stdin=subprocess.DEVNULL,
                                       stdout=stdout if output else log, stderr=log, start_new_session=True)
            try:
                return process.wait(limit)
            except subprocess.TimeoutExpired:
                raise StageFailed(f"{pathlib.Path(command[0]).name} took more than {limit} s") from None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                self.shorten_log()

    def said(self) -> list[str]:
        """The lines that the last command wrote to the log."""
        lines = self.log.read_text(errors="replace").split("\n[")[-1].strip().splitlines()
        return [line.strip()[:300] for line in lines[1:]]

    def checked_run(self, command: list, *, limit: float, output: pathlib.Path | None = None, **variables: str):
        """The same; StageFailed with the log's last line if the command fails."""
        if code := self.run(command, limit=limit, output=output, **variables):
            said = "".join(f": {line}" for line in self.said()[-1:])
            raise StageFailed(f"{pathlib.Path(command[0]).name} ended with exit code {code}{said}")

    def json_of(self, command: list, *, limit: float) -> dict:
        """The last line of what the command prints, as JSON."""
        output = self.out / "output.new"
        try:
            self.checked_run(command, limit=limit, output=output)
            return json.loads(output.read_text().splitlines()[-1])
        except (ValueError, IndexError):
            raise StageFailed(f"{pathlib.Path(command[0]).name} printed no JSON") from None
        finally:
            output.unlink(missing_ok=True)

    def shorten_log(self):
        """Keeps the start and the end of a long log."""
        text = self.log.read_bytes()
        if len(text) > LOG_LIMIT:
            half = LOG_LIMIT // 2
            self.log.write_bytes(text[:half] + b"\n... cut ...\n" + text[-half:])


def carry_out(function, stage: Stage) -> bool:
    """Runs a stage and notes how it ended. A stage that breaks does not take the others with it."""
    start = time.monotonic()
    reasons = []
    try:
        function(stage)
    except StageFailed as error:
        reasons = [str(error)]
    except Exception as error:
        reasons = [f"{type(error).__name__}: {error}"]
    reasons = stage.failures + reasons
    result = {"status": "failed" if reasons else "ok", "seconds": round(time.monotonic() - start, 1)}
    stage.figures.update(result | ({"reason": "; ".join(reasons)} if reasons else {}))
    stage.summary.write()
    print(f"{stage.name}: {result['status']}, {result['seconds']} s {shortened('; '.join(reasons))}".rstrip(), flush=True)
    return not reasons
