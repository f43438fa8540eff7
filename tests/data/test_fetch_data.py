"""tools/fetch_data against a server on this machine. usage: test_fetch_data.py (runs all tests)"""

import contextlib
import fcntl
import gzip
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

SCRIPT = pathlib.Path(__file__).parents[2] / "tools" / "fetch_data"
MNIST = os.environ.get("GAN_MNIST_DIR")


def load_script():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("fetch_data", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fetch_data", loader))
    loader.exec_module(module)
    return module


fetch_data = load_script()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


class Mirror(http.server.ThreadingHTTPServer):
    """Serves `files` by name under /mnist/; `cut` closes each connection after that many bytes."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], *, cut: int | None = None, ranges: bool = True):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.cut, self.ranges = files, cut, ranges
        self.requests: list[tuple[str, str | None]] = []  # (name, Range)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/mnist"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.removeprefix("/mnist/")
        asked = self.headers["Range"]
        self.server.requests.append((name, asked))
        content = self.server.files.get(name)
        if content is None:
            return self.send_error(404)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        if start and start >= len(content):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.cut])

    def log_message(self, *_):
        pass


class Dripping:
    """Answers with a byte now and then, from the `where` of its answer on."""

    def __init__(self, where: str, length: str = "1000"):
        self.where, self.length = where, length
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/mnist"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection: socket.socket):
        head = f"HTTP/1.0 200 OK\r\nContent-Length: {self.length}\r\n" + ("\r\n" if self.where == "body" else "X: ")
        with contextlib.suppress(OSError), connection:
            connection.recv(1 << 16)
            connection.sendall(head.encode())
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)

    def close(self):
        self.socket.close()


class FetchTest(unittest.TestCase):
    """The script's own code, on two stand-in files with their checksums."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "data" / "mnist"
        contents = {"first.gz": bytes(range(256)) * 40, "second.gz": b"labels" * 100}
        self.good = {name: gzip.compress(content, mtime=0) for name, content in contents.items()}
        files = [fetch_data.File(name, md5(self.good[name]), md5(content), len(content))
                 for name, content in contents.items()]
        data_sets = {"mnist": fetch_data.DataSet((), tuple(files)),
                     "fashion-mnist": fetch_data.DataSet((), tuple(f._replace(unpacked_md5=None) for f in files))}
        patch = mock.patch.object(fetch_data, "DATA_SETS", data_sets)
        patch.start()
        self.addCleanup(patch.stop)

    def mirror(self, files=None, **options) -> Mirror:
        server = Mirror(self.good if files is None else files, **options)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def run_script(self, *mirrors: Mirror | str, data_set: str = "mnist") -> tuple[int, str, str]:
        arguments = ["fetch_data", data_set, str(self.folder)]
        for mirror in mirrors:
            arguments += ["--mirror", mirror if isinstance(mirror, str) else mirror.url]
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(err):
            code = fetch_data.main()
        return code, out.getvalue(), err.getvalue()

    def found(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def assert_fails(self, result: tuple[int, str, str], *reasons: str):
        code, _, err = result
        self.assertEqual(code, 1)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("fetch_data: "), err)
        for reason in reasons:
            self.assertIn(reason, err)

    def test_fetches_all_files(self):
        code, out, err = self.run_script(self.mirror())
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.found(), self.good)
        self.assertEqual(out.count("checksum right\n"), 2)

    def test_leaves_right_files_alone(self):
        server = self.mirror()
        self.run_script(server)
        server.requests.clear()
        code, out, _ = self.run_script(server)
        self.assertEqual((code, server.requests), (0, []))
        self.assertEqual(out.count("already there"), 2)

    def test_replaces_a_damaged_file(self):
        self.folder.mkdir(parents=True)
        (self.folder / "first.gz").write_bytes(self.good["first.gz"][:-1])
        self.assertEqual(self.run_script(self.mirror())[0], 0)
        self.assertEqual(self.found(), self.good)

    def test_accepts_a_copy_that_was_packed_anew(self):
        repacked = {name: gzip.compress(gzip.decompress(packed), 1, mtime=1)
                    for name, packed in self.good.items()}
        code, out, _ = self.run_script(self.mirror(repacked))
        self.assertEqual((code, self.found()), (0, repacked))
        self.assertEqual(out.count("packed anew"), 2)

    def test_takes_only_the_published_packing_where_no_other_checksum_is_known(self):
        code, out, _ = self.run_script(self.mirror(), data_set="fashion-mnist")
        self.assertEqual((code, self.found()), (0, self.good))
        self.assertEqual(out.count("checksum right\n"), 2)
        repacked = gzip.compress(gzip.decompress(self.good["first.gz"]), 1, mtime=1)
        (self.folder / "first.gz").unlink()
        self.assert_fails(self.run_script(self.mirror({"first.gz": repacked}), data_set="fashion-mnist"), "wrong checksum")

    def test_has_a_folder_for_each_data_set(self):
        self.folder.mkdir(parents=True)
        server = self.mirror()
        for arguments, folder in (([], "mnist"), (["fashion-mnist"], "fashion-mnist")):
            with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()), \
                    mock.patch.object(sys, "argv", ["fetch_data", *arguments, "--mirror", server.url]):
                self.assertEqual(fetch_data.main(), 0)
            self.assertTrue((self.folder / "data" / folder / "second.gz").exists())

    def test_goes_on_after_a_cut_connection(self):
        self.assert_fails(self.run_script(self.mirror(cut=100)), "first.gz", "after 100 of")
        self.assertEqual(self.found(), {"first.gz.part": self.good["first.gz"][:100]})
        server = self.mirror()
        self.assertEqual(self.run_script(server)[0], 0)
        self.assertEqual(server.requests, [("first.gz", "bytes=100-"), ("second.gz", None)])
        self.assertEqual(self.found(), self.good)

    def test_second_mirror_goes_on_where_the_first_was_cut(self):
        second = self.mirror()
        self.assertEqual(self.run_script(self.mirror(cut=30), second)[0], 0)
        self.assertEqual(second.requests, [("first.gz", "bytes=30-"), ("second.gz", "bytes=30-")])
        self.assertEqual(self.found(), self.good)

    def test_starts_again_where_the_server_knows_no_ranges(self):
        self.run_script(self.mirror(cut=100))
        self.assertEqual(self.run_script(self.mirror(ranges=False))[0], 0)
        self.assertEqual(self.found(), self.good)

    def test_starts_again_after_a_wrong_beginning(self):
        for part in (b"wrong", b"longer than the file" * 1000):
            with self.subTest(size=len(part)):
                self.folder.mkdir(parents=True, exist_ok=True)
                (self.folder / "first.gz").unlink(missing_ok=True)
                (self.folder / "first.gz.part").write_bytes(part)
                self.assertEqual(self.run_script(self.mirror())[0], 0)
                self.assertEqual(self.found(), self.good)

    def test_refuses_wrong_content_and_leaves_nothing(self):
        wrong = {"other content": gzip.compress(b"something else"),
                 "not gzip": b"<html>sign in</html>",
                 "truncated": self.good["first.gz"][:-9],
                 "bytes after it": self.good["first.gz"] + b"x",
                 "unpacks to too much": gzip.compress(bytes(1 << 20)),
                 "empty": b"",
                 "too long": bytes(1 << 20)}
        for what, content in wrong.items():
            with self.subTest(what):
                self.assert_fails(self.run_script(self.mirror({"first.gz": content})), "first.gz")
                self.assertEqual(self.found(), {})

    def test_keeps_the_old_file_until_there_is_a_better_one(self):
        self.folder.mkdir(parents=True)
        (self.folder / "first.gz").write_bytes(b"mine")
        self.assert_fails(self.run_script(self.mirror({"first.gz": b"wrong"})), "wrong checksum")
        self.assertEqual(self.found(), {"first.gz": b"mine"})

    def test_takes_the_second_mirror_when_the_first_fails(self):
        closed = self.mirror()
        closed.shutdown()
        closed.server_close()
        for first in (self.mirror({}), self.mirror({"first.gz": b"wrong"}), closed.url, "nonsense"):
            with self.subTest(first=first):
                for name in self.good:
                    (self.folder / name).unlink(missing_ok=True)
                self.assertEqual(self.run_script(first, self.mirror())[0], 0)
                self.assertEqual(self.found(), self.good)

    def test_names_what_each_mirror_answered(self):
        result = self.run_script(self.mirror({}), self.mirror({"first.gz": b"wrong"}))
        self.assert_fails(result, "HTTP 404", "wrong checksum")
        self.assertEqual(self.found(), {})

    def test_refuses_a_part_that_leads_elsewhere(self):
        self.folder.mkdir(parents=True)
        part = self.folder / "first.gz.part"
        elsewhere = self.folder / "mine"
        for make in (lambda: part.symlink_to(elsewhere), lambda: os.mkfifo(part), lambda: os.link(elsewhere, part),
                     part.mkdir):
            elsewhere.write_bytes(b"mine")
            make()
            self.assert_fails(self.run_script(self.mirror()), "first.gz.part")
            self.assertEqual(elsewhere.read_bytes(), b"mine")
            part.rmdir() if part.is_dir() else part.unlink()

    def test_refuses_a_pipe_in_the_place_of_a_file(self):
        self.folder.mkdir(parents=True)
        os.mkfifo(self.folder / "first.gz")
        self.assert_fails(self.run_script(self.mirror()), "first.gz")

    def test_several_at_once_wait_for_one_another(self):
        self.folder.mkdir(parents=True)
        server = self.mirror()
        other = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        threading.Timer(0.3, os.close, [other]).start()
        code, _, err = self.run_script(server)
        self.assertEqual(code, 0)
        self.assertIn("waiting", err)
        self.assertEqual(self.found(), self.good)

    def test_gives_up_a_server_that_sends_hardly_anything(self):
        with mock.patch.object(fetch_data, "SLOW_SECONDS", 0.5):
            for where in ("head", "body"):
                with self.subTest(where):
                    slow = Dripping(where)
                    self.addCleanup(slow.close)
                    self.assert_fails(self.run_script(slow.url), "too slow")
                    self.assertEqual(self.run_script(slow.url, self.mirror())[0], 0)
                    for name in self.good:
                        (self.folder / name).unlink()

    def test_whatever_goes_wrong_is_one_line(self):
        for mirror in ("http://[::1", "http://a b/", "http://\x1b[31m/", "gopher://x", "http://ü\n.example:port"):
            with self.subTest(mirror):
                result = self.run_script(mirror)
                self.assert_fails(result)
                self.assertNotIn("\x1b", result[2])
        for length in ("²", "9" * 5000, "-1", "x"):
            with self.subTest(length=length[:3]):
                answer = Dripping("body", length)
                self.addCleanup(answer.close)
                with mock.patch.object(fetch_data, "SLOW_SECONDS", 0.3):
                    self.assert_fails(self.run_script(answer.url))

    def test_folder_that_cannot_be_made(self):
        self.folder.parent.write_bytes(b"a file")
        self.assert_fails(self.run_script(self.mirror()), str(self.folder))


class ScriptTest(unittest.TestCase):
    def run_script(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([str(SCRIPT), *arguments], capture_output=True, text=True, check=False)

    def test_help(self):
        result = self.run_script("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("--mirror", result.stdout)

    def test_unknown_option(self):
        self.assertEqual(self.run_script("--nonsense").returncode, 2)

    def test_unknown_data_set(self):
        result = self.run_script("data/mnist")
        self.assertEqual(result.returncode, 2)
        self.assertIn("fashion-mnist", result.stderr)

    def test_every_data_set_has_its_four_files_and_a_mirror(self):
        for name, data_set in fetch_data.DATA_SETS.items():
            with self.subTest(name):
                self.assertEqual(len({file.packed_md5 for file in data_set.files}), 4)
                for mirror in data_set.mirrors:
                    self.assertRegex(mirror, r"^https?://.*/$")

    @unittest.skipUnless(MNIST, "needs GAN_MNIST_DIR, with the .gz files")
    def test_checksums_are_those_of_mnist(self):
        files = {path.name: path.read_bytes() for path in pathlib.Path(MNIST).glob("*.gz")}
        server = Mirror(files)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with tempfile.TemporaryDirectory() as folder:
            result = self.run_script("mnist", folder, "--mirror", server.url)
            self.assertEqual(result.stderr, "")
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 4)


if __name__ == "__main__":
    unittest.main()
