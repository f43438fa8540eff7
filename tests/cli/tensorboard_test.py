"""TensorBoard reads what a run wrote, also one that was stopped and went on.  Exit code 77 where it is missing."""
import csv
import json
import sys
import unittest

from font_digits import DIGITS
from program_case import ProgramCase

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--batch", "2000",
         "--log-every", "10", "--sample-every", "1", "--eval-every", "2", "--eval-count", "200", "--quiet"]
COLUMNS = {"loss_g": "loss/generator", "loss_d": "loss/discriminator", "loss_real": "loss/real", "loss_fake": "loss/fake",
           "penalty": "loss/penalty", "d_real": "probability/real", "d_fake": "probability/fake",
           "images_per_s": "speed/images_per_s"}


class TensorBoard(ProgramCase):
    def check(self, run, output="probability"):
        events = EventAccumulator(str(run), size_guidance={"images": 0, "scalars": 0})
        events.Reload()
        rows = list(csv.DictReader((run / "metrics.csv").open()))
        self.assertGreater(len(rows), 3)
        for column, tag in COLUMNS.items():
            tag = tag.replace("probability/", f"{output}/")
            self.assertEqual([event.step for event in events.Scalars(tag)], [int(row["step"]) for row in rows], tag)
            for event, row in zip(events.Scalars(tag), rows):
                self.assertAlmostEqual(event.value, float(row[column]), delta=1e-5 * max(1, abs(event.value)))
        evaluations = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
        for weights in ("trained", "average"):
            mine = [row for row in evaluations if row["weights"] == weights]
            self.assertEqual([event.step for event in events.Scalars(f"parzen_ll/{weights}")], [row["step"] for row in mine])
            self.assertGreater(len(mine), 1)
            images = events.Images(f"samples/{weights}")
            suffix = "_ema" if weights == "average" else ""
            sheets = [path for path in sorted((run / "samples").iterdir()) if path.stem.endswith("_ema") == bool(suffix)]
            self.assertEqual([image.encoded_image_string for image in images], [path.read_bytes() for path in sheets])
            self.assertEqual((images[0].width, images[0].height), (242, 242))

    def test_a_whole_run(self):
        self.done(*SMALL, "--epochs", 4, "--out", "run")
        self.check(self.root / "run")

    def test_a_loss_without_probabilities_has_scores(self):
        self.done(*SMALL, "--loss", "hinge", "--epochs", 4, "--out", "run")
        self.check(self.root / "run", "score")

    def test_a_resumed_run(self):
        run = self.root / "run"
        self.done(*SMALL, "--epochs", 4, "--max-steps", 47, "--out", run)  # ends within a window
        self.done("--resume", run, "--max-steps", 0, "--epochs", 4, "--quiet")
        self.assertEqual(len(list(run.glob("events.out.tfevents.*"))), 2)
        self.check(run)


if __name__ == "__main__":
    unittest.main()
