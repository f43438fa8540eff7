"""report.html as the program leaves it: the whole run, whatever stopped it, and the same bytes for the same run."""
import base64
import json
import signal
import subprocess
import time
import unittest

from program_case import PROGRAM, ProgramCase, write_data

SMALL = ["--device", "cpu", "--threads", "1", "--data", "data", "--g-hidden", "8", "--d-hidden", "8", "--batch", "20",
         "--log-every", "2", "--sample-every", "1", "--checkpoint-every", "1", "--quiet"]
BEGIN = '<script type="application/json" id="run">'


def split(page):
    """The page without its data, and these."""
    head, _, rest = page.partition(BEGIN)
    data, _, tail = rest.partition("</script>")
    return head + tail, json.loads(data)


def untimed(page):
    frame, data = split(page)
    for point in data["metrics"]["points"]:
        del point[data["metrics"]["columns"].index("images_per_s")]
    for row in data["evaluations"]["rows"]:
        del row["train_seconds"], row["seconds"]
    return frame, data


class Report(ProgramCase):
    def setUp(self):
        super().setUp()
        write_data(self.root / "data")  # of three steps an epoch

    def page(self, run):
        return (self.root / run / "report.html").read_text()

    def test_it_holds_what_the_other_files_hold(self):
        self.done(*SMALL, "--epochs", 3, "--eval-every", 2, "--eval-count", 30, "--out", "run")
        run = self.root / "run"
        _, data = split(self.page("run"))
        self.assertEqual(data["config"], json.loads((run / "config.json").read_text()))
        self.assertEqual(data["state"]["name"], "finished")
        rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        self.assertGreater(len(rows), 3)
        self.assertEqual(data["metrics"]["count"], len(rows))
        for point, row in zip(data["metrics"]["points"], rows, strict=True):
            for column, value in zip(data["metrics"]["columns"], point, strict=True):
                self.assertAlmostEqual(value, row[column], delta=1e-5 * max(1, abs(value)), msg=column)
        self.assertEqual([sheet["epoch"] for sheet in data["sheets"]["chosen"]], [1, 2, 3])
        for sheet in data["sheets"]["chosen"]:
            for weights, suffix in (("trained", ""), ("average", "_ema")):
                self.assertEqual(base64.b64decode(sheet[weights]),
                                 (run / f"samples/epoch_{sheet['epoch']:04}{suffix}.png").read_bytes())
        evaluations = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
        self.assertEqual(data["evaluations"], {"count": 2, "rows": evaluations})
        self.assertTrue(data["explored"])

    def test_a_run_that_is_done_links_its_explored_page(self):
        page = self.root / "run/explore.html"
        self.done(*SMALL, "--epochs", 1, "--out", "run")
        self.assertTrue(split(self.page("run"))[1]["explored"])
        self.done("explore", "run", "--out", "other.html")
        named = (self.root / "other.html").read_text()
        self.assertEqual(named.replace('"name":"run"', '"name":""'), page.read_text())
        before = page.read_bytes()
        self.done("--resume", "run", "--epochs", 2, "--quiet")
        self.assertNotEqual(page.read_bytes(), before)
        page.unlink()
        self.done("--resume", "run", "--epochs", 3, "--max-steps", 8, "--quiet")
        self.assertTrue(page.exists())

    def test_a_run_of_another_name_has_the_same_bytes_but_for_its_times(self):
        for name in ("a", "b"):
            self.done(*SMALL, "--epochs", 2, "--eval-every", 1, "--eval-count", 30, "--out", name)
        self.assertEqual(untimed(self.page("a")), untimed(self.page("b")))

    def test_it_is_there_while_the_run_trains_and_after_a_signal(self):
        process = subprocess.Popen([PROGRAM, *SMALL, "--epochs", "4000", "--out", "run"], cwd=self.root)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 60
        while not (self.root / "run/samples/epoch_0002.png").exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        _, data = split(self.page("run"))
        self.assertEqual(data["state"]["name"], "training")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 143)
        _, data = split(self.page("run"))
        self.assertEqual(data["state"]["name"], "stopped")
        rows = (self.root / "run/metrics.csv").read_text().splitlines()
        self.assertEqual(data["state"]["step"], int(rows[-1].split(",")[0]))
        self.assertEqual(data["metrics"]["count"], len(rows) - 1)

    def test_a_run_that_went_on_leaves_the_page_of_one_that_never_stopped(self):
        self.done(*SMALL, "--epochs", 4, "--out", "whole")
        self.done(*SMALL, "--epochs", 4, "--max-steps", 7, "--out", "parts")  # within a window and an epoch
        self.assertEqual(split(self.page("parts"))[1]["state"]["step"], 7)
        self.done("--resume", "parts", "--max-steps", 0, "--quiet")
        self.assertEqual(untimed(self.page("parts")), untimed(self.page("whole")))


if __name__ == "__main__":
    unittest.main()
