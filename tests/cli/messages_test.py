"""Every message is one printable line of some 300 bytes, whatever stands in files, paths and options; paths need not be UTF-8."""
import json
import os
import struct
import unittest

from program_case import ProgramCase, write_idx

SMALL = ["--device", "cpu", "--threads", "1", "--g-hidden", "16", "--d-hidden", "8", "--batch", "20", "--sample-every", "1", "--quiet"]
NASTY = ["a\nb", "\x1b[31mred\x1b[0m", "x" * 100_000, "\x7f\x01\r", "caf\udce9", "\u009b2J", "\u202eabc"]


class Messages(ProgramCase):
    """What it prints are bytes."""

    def setUp(self):
        super().setUp()
        self.write_data(self.root / "data")

    def write_data(self, folder):
        folder.mkdir()
        for part in ("train", "t10k"):  # 60 images, 3 steps an epoch
            write_idx(folder / f"{part}-images-idx3-ubyte", (60, 4, 4), (i * 37 % 251 for i in range(960)))

    def program(self, *arguments):
        return super().program(*arguments, text=False)

    def assert_clean(self, line):
        self.assertLessEqual(len(line), 320, line)
        self.assertTrue(line.decode("utf-8").isprintable(), line)

    def assert_refused(self, *arguments):
        result = self.program(*arguments)
        self.assertIn(result.returncode, (1, 2), result.stderr)
        self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
        self.assert_clean(result.stderr.rstrip(b"\n"))
        for words in (b"json.exception", b"filesystem error", b"terminate", b"basic_string"):
            self.assertNotIn(words, result.stderr)
        return result.stderr.decode()

    def test_strings_of_options(self):
        for text in NASTY:
            for arguments in ([text], ["--device", text, "--data", "data"], ["--data", text], ["--loss", text, "--data", "data"], ["--recipe", text, "--data", "data"], ["--config", text],
                              ["--batch", text], ["--" + text], ["--resume", text], ["eval", text, "--data", "data"], ["info", text],
                              ["sample", "--model", text, "--out", "a.png"], ["convert", text, "a.onnx"], ["sweep", text],
                              ["train", "--keep-best", text, "--data", "data"], ["eval", "data", "--measures", text]):
                with self.subTest(arguments=ascii(arguments)[:80]):
                    self.assert_refused(*arguments)

    def test_strings_of_files(self):
        def safetensors(name, metadata):
            header = json.dumps({"__metadata__": metadata, name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
            (self.root / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
        for text in NASTY:
            text = text.replace("\udce9", "é")
            safetensors(text, {"format": text, text: text})
            for command in (["eval", "a.safetensors", "--data", "data"], ["sample", "--model", "a.safetensors", "--out", "a.png"],
                            ["convert", "a.safetensors", "a.onnx"]):
                self.assert_refused(*command)
            for line in self.done("info", "a.safetensors").stdout.splitlines():
                self.assert_clean(line.replace(b"\t", b""))
            json.loads(self.done("info", "a.safetensors", "--json").stdout)
            (self.root / "a.toml").write_text(json.dumps(text) + " = 1\n[configuration.a]\n")
            (self.root / "b.toml").write_text("loss = " + json.dumps(text) + "\n[configuration.a]\n")
            for file in ("a.toml", "b.toml"):
                self.assert_refused("--config", file)
                self.assert_refused("sweep", file)

    def test_values_of_another_kind(self):
        (self.root / "s.toml").write_text('data = "data"\ndevice = "cpu"\nbatch = 20\nepochs = 1\neval-every = 0\neval-count = 20\n'
                                          'eval-measures = ["parzen"]\n[configuration.a]\n')
        self.done("sweep", "s.toml")
        evaluation = self.root / "sweeps/s/a/seed_1/evaluation.jsonl"
        for text in ('{"weights":1}\n', '{"weights":null}\n', '[]\n', '1\n', '{\n', '\x00\n'):
            evaluation.write_text(text)
            self.assertIn("evaluation.jsonl", self.assert_refused("sweep", "s.toml"))
        run = self.root / "sweeps/s/a/seed_1"
        for text in ("[]", "1", '{"run":1}', '{"run":{"seed":"\\u001b"}}', '{"run":[1]}', "", "{"):
            (run / "config.json").write_text(text)
            result = self.program("info", run)
            self.assertIn(result.returncode, (0, 1))
            self.assertNotIn(b"json.exception", result.stderr)
            self.assertNotIn(b"\x1b", result.stdout)

    def test_paths_that_are_not_utf8(self):
        run = "run-\udce9\n\x1b[1m"
        result = self.done(*SMALL[:-1], "--data", "data", "--epochs", 2, "--eval-every", 1, "--eval-count", 20, "--json", "--out", run)
        self.assertEqual(json.loads(result.stdout)["step"], 6)
        for line in result.stderr.splitlines():
            self.assert_clean(line)
        folder = os.fsencode(self.root / run)
        for name in (b"report.html", b"model_G.pth", b"samples/epoch_0002.png"):
            self.assertTrue(os.path.exists(folder + b"/" + name), name)
        self.done("--resume", run, "--epochs", 3, "--quiet")
        self.assertEqual(json.loads(self.done("info", run, "--json").stdout)["step"], 9)
        for line in self.done("info", run).stdout.splitlines():
            self.assert_clean(line)
        for line in self.done("eval", run, "--data", "data", "--measures", "parzen", "--count", 20).stdout.splitlines():
            self.assert_clean(line)
        self.done("sample", "--model", run, "--out", "b\udcff.png")
        os.rename(os.fsencode(self.root / "data"), os.fsencode(self.root / "data\udce9"))
        self.assertIn("UTF-8", self.assert_refused(*SMALL, "--data", "data\udce9", "--epochs", 1, "--out", "new"))
        self.assertFalse((self.root / "new").exists())
        self.done("eval", run, "--data", "data\udce9", "--measures", "parzen", "--count", 20)

    def test_files_that_the_system_refuses(self):
        (self.root / "loop").symlink_to("loop")
        for arguments in (["--resume", "loop"], ["info", "loop"], ["eval", "loop", "--data", "data"], ["--data", "loop"],
                          ["sample", "--model", "loop", "--out", "a.png"], ["convert", "loop", "a.onnx"], ["sweep", "loop"],
                          ["--config", "loop"], [*SMALL, "--data", "data", "--epochs", 1, "--out", "loop"],
                          [*SMALL, "--data", "data", "--epochs", 1, "--out", "loop/run"],
                          ["convert", "loop", "loop/a.pth"], ["--resume", "n" * 300]):
            with self.subTest(arguments=arguments):
                self.assert_refused(*arguments)


if __name__ == "__main__":
    unittest.main()
