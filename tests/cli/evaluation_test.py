"""`gan_cuda --eval-every`: what a run that is evaluated leaves, and how it resumes."""
import json
import unittest

from program_case import ProgramCase, safetensors_header, write_data

class Evaluation(ProgramCase):
    def setUp(self):
        super().setUp()
        write_data(self.root / "data")

    def train(self, *arguments, data="data"):
        return self.program("--device", "cpu", "--threads", 1, "--data", data, "--g-hidden", 8, "--d-hidden", 8, "--batch",
                                20, "--latent", 4, "--log-every", 3, "--sample-every", 0, "--checkpoint-every", 3,
                                "--eval-count", 30, *arguments)

    def succeed(self, *arguments, **options):
        result = self.train(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def rows(self, run):
        return [json.loads(line) for line in (self.root / run / "evaluations.jsonl").read_text().splitlines()]

    @staticmethod
    def untimed(rows):
        return [{key: value for key, value in row.items() if key not in ("train_seconds", "seconds")} for row in rows]

    def best(self, run):
        return safetensors_header((self.root / run / "model_G_best.safetensors").read_bytes())[0]["__metadata__"]

    def test_every_evaluation_is_a_row_and_the_best_is_kept(self):
        result = self.succeed("--epochs", 7, "--eval-every", 2, "--out", "run")
        rows = self.rows("run")
        self.assertEqual([(row["step"], row["epoch"], row["weights"]) for row in rows],
                         [(3 * e, e, weights) for e in (2, 4, 6, 7) for weights in ("trained", "average")])
        seconds = [row["train_seconds"] for row in rows[::2]]
        self.assertEqual(seconds, sorted(seconds))
        self.assertGreater(seconds[0], 0)
        best = max(rows, key=lambda row: row["parzen_ll"])
        self.assertEqual(self.best("run")["step"], str(best["step"]))
        self.assertEqual(self.best("run")["weights"], best["weights"])
        self.assertEqual(float(self.best("run")["value"]), best["parzen_ll"])
        self.assertIn("epoch 7, average: parzen_ll", result.stderr)

    def test_the_last_rows_are_what_eval_finds(self):
        self.succeed("--epochs", 2, "--eval-every", 2, "--out", "run")
        result = self.program("eval", "run", "--data", "data", "--count", 30, "--measures", "parzen", "--json")
        found = [json.loads(line) for line in result.stdout.splitlines()]
        for row, values in zip(self.rows("run"), found, strict=True):
            self.assertEqual(list(row)[:3], ["step", "epoch", "train_seconds"])
            self.assertEqual(list(row)[3:], list(values))
            for key in values:
                if isinstance(values[key], float) and key != "seconds":
                    self.assertAlmostEqual(row[key], values[key], delta=1e-4 * abs(values[key]), msg=key)

    def test_a_run_that_is_killed_goes_on_without_gap_or_double(self):
        self.succeed("--epochs", 10, "--eval-every", 2, "--out", "whole", "--quiet")
        self.succeed("--epochs", 3, "--eval-every", 2, "--out", "run", "--quiet")
        kept = (self.root / "run" / "checkpoint.safetensors").read_bytes()
        first = self.rows("run")[-1]["train_seconds"]
        self.succeed("--resume", "run", "--epochs", 8, "--quiet")  # got further than its last checkpoint, and torn
        (self.root / "run" / "checkpoint.safetensors").write_bytes(kept)
        with open(self.root / "run" / "evaluations.jsonl", "a") as file:
            file.write('{"step":24,"epo')
        self.succeed("--resume", "run", "--epochs", 10, "--quiet")
        at_end = [row for row in self.untimed(self.rows("run")) if row["step"] != 9]  # where it first ended
        self.assertEqual(at_end, self.untimed(self.rows("whole")))
        self.assertGreater(self.rows("run")[-1]["train_seconds"], first)
        name = "model_G.safetensors"
        self.assertEqual((self.root / "run" / name).read_bytes(), (self.root / "whole" / name).read_bytes())

    def test_judging_does_not_change_the_training(self):
        self.succeed("--epochs", 4, "--eval-every", 1, "--out", "judged", "--quiet")
        self.succeed("--epochs", 4, "--out", "alone", "--quiet")
        for name in ("model_G.safetensors", "model_G_ema.safetensors", "model_D.safetensors"):
            self.assertEqual((self.root / "judged" / name).read_bytes(), (self.root / "alone" / name).read_bytes())
        for name in ("evaluations.jsonl", "model_G_best.safetensors"):
            self.assertFalse((self.root / "alone" / name).exists(), name)

    def test_a_run_may_be_judged_later_but_its_time_is_not_known(self):
        self.succeed("--epochs", 2, "--out", "run", "--quiet")
        self.succeed("--resume", "run", "--epochs", 4, "--eval-every", 2, "--quiet")
        self.assertEqual([(row["step"], row["train_seconds"]) for row in self.rows("run")], [(12, None)] * 2)

    def test_other_measures_and_another_figure(self):
        self.succeed("--epochs", 1, "--eval-every", 1, "--eval-measures", "classes,frechet", "--keep-best", "class_kl",
                     "--ema", 0, "--out", "run", "--quiet")
        (row,) = self.rows("run")
        self.assertIsNone(row["parzen_ll"])
        self.assertIsNotNone(row["frechet"])
        self.assertEqual(self.best("run")["measure"], "class_kl")
        self.assertEqual(float(self.best("run")["value"]), row["class_kl"])

    def assert_refused(self, words, *arguments, **options):
        result = self.train("--out", "refused", "--quiet", *arguments, **options)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(words, result.stderr)
        self.assertFalse((self.root / "refused").exists(), "a refused run left a folder")

    def test_impossible_options(self):
        self.assert_refused("--eval-every", "--eval-every", -1)
        self.assert_refused("there is no \"beauty\"", "--eval-measures", "beauty")
        self.assert_refused("there is no \"beauty\"", "--keep-best", "beauty")
        self.assert_refused("--eval-count", "--eval-count", 5)
        self.assert_refused("--keep-best parzen_ll is not a metric of --eval-measures frechet,kid; add parzen",
                            "--eval-every", 1, "--eval-measures", "frechet,kid")

    def test_data_that_a_measure_lacks(self):
        write_data(self.root / "no-test", test=False, labels=False)
        write_data(self.root / "no-labels", labels=False)
        self.assert_refused("t10k-images", "--eval-every", 1, data="no-test")
        self.assert_refused("without labels", "--eval-every", 1, "--eval-measures", "parzen,score", data="no-labels")
        self.succeed("--eval-every", 1, "--epochs", 1, "--out", "run", data="no-labels")

    def test_files_of_an_earlier_part_that_are_damaged(self):
        self.succeed("--epochs", 1, "--eval-every", 1, "--out", "run", "--quiet")
        for name, words in (("evaluations.jsonl", "line 1"), ("model_G_best.safetensors", "best")):
            whole = (self.root / "run" / name).read_bytes()
            (self.root / "run" / name).write_bytes(b"no\n" * 20)
            result = self.train("--resume", "run", "--epochs", 2, "--quiet")
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)
            self.assertIn(words, result.stderr)
            (self.root / "run" / name).write_bytes(whole)


if __name__ == "__main__":
    unittest.main()
