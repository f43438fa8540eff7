"""Chromium without a window, driven through a pipe by its DevTools protocol: real clicks, drags and keys."""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _high_pipe():
    """A pipe whose ends are clear of 3 and 4, on which the browser listens and answers."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high


class Browser:
    """One page, in a profile of its own under `folder`, where downloads go as well."""

    def __init__(self, folder: Path, *options: str):
        self.downloads = folder / "downloads"
        command_out, self._commands = _high_pipe()
        self._answers, answers_in = _high_pipe()

        def connect():
            os.dup2(command_out, 3)
            os.dup2(answers_in, 4)

        self._process = subprocess.Popen(
            [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe", *options, "about:blank"],
            preexec_fn=connect, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(command_out)
        os.close(answers_in)
        self._buffer, self._count, self._session = b"", 0, None
        self.events = []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads), eventsEnabled=True)

    def close(self):
        """Returns when the browser has written its profile and ended."""
        try:
            self.call("Browser.close")
            self._process.wait(30)
        finally:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def _next(self):
        while b"\0" not in self._buffer:
            part = os.read(self._answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", "the script failed"))
        return answer["result"].get("value")

    def wait_for(self, script, seconds=30):
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            if time.monotonic() > end:
                raise RuntimeError(f"never came true: {script}")
            time.sleep(0.02)

    def open(self, path: Path):
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def window(self, width, height, *, phone=False, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def place(self, query, x=0.5, y=0.5):
        """Of the first element of a selector, brought into sight."""
        return self.evaluate(f"""(() => {{
            const element = document.querySelector({json.dumps(query)});
            element.scrollIntoView({{block: "center"}});
            const box = element.getBoundingClientRect();
            return {{x: box.left + {x} * box.width, y: box.top + {y} * box.height}};
        }})()""")

    def _mouse(self, kind, place, **more):
        self.call("Input.dispatchMouseEvent", type=kind, button="left", buttons=0 if kind == "mouseReleased" else 1, **place, **more)

    def click(self, query, x=0.5, y=0.5):
        place = self.place(query, x, y)
        self._mouse("mousePressed", place, clickCount=1)
        self._mouse("mouseReleased", place, clickCount=1)

    def drag(self, query, begin, end):
        """From a place of an element, (0, 0) to (1, 1), to another."""
        for kind, (x, y) in (("mousePressed", begin), ("mouseMoved", end), ("mouseReleased", end)):
            self._mouse(kind, self.place(query, x, y), clickCount=1)

    def tap(self, query):
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[self.place(query)])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def slide_finger(self, query, *places):
        for i, (x, y) in enumerate(places):
            point = self.place(query, x, y)
            self.call("Input.dispatchTouchEvent", type="touchMove" if i else "touchStart", touchPoints=[point])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def key(self, key, code=None):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code or 0,
                      **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def choose_file(self, query, path: Path):
        element = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(query)})")["result"]["objectId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], objectId=element)

    def downloaded(self, name, seconds=30):
        """The bytes of a file that the page saved."""
        end = time.monotonic() + seconds
        while not (self.downloads / name).exists():
            if time.monotonic() > end:
                raise RuntimeError(f"{name} was never saved")
            self.evaluate("0")
            time.sleep(0.02)
        data = (self.downloads / name).read_bytes()
        (self.downloads / name).unlink()
        return data

    def screenshot(self, path: Path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """What the page logged or failed at, but for advice on reading canvases, which a test does."""
        self.evaluate("0")
        return [event for event in self.events
                if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
                and event["params"].get("entry", {}).get("source") != "rendering"]

    def requests(self):
        """The addresses that the page asked for, data: and itself included."""
        self.evaluate("0")
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
