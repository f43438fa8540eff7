"""A real browser opens report.html: what it shows, how it answers, on a phone and in the dark.  Exit code 77 where there is
no Chromium."""
import base64
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program_case import PROGRAM, write_data
from report_test import BEGIN, split

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if BROWSER is None:
    print("there is no chromium")
    sys.exit(77)

RUN = "<img src=x onerror=alert(1)>"  # names of folders that would be code if they got into the page as they are
DATA = "</script><script>alert(1)</script>"
FACTS = """
const text = id => document.getElementById(id).textContent, all = query => [...document.querySelectorAll(query)];
const before = []; // what was to be seen on the way
const facts = () => ({
  name: text("name"), title: document.title, state: text("state"), summary: text("summary"), epoch: text("epoch"),
  places: all(".pair .place").map(e => e.textContent), values: all(".pair .legend b").map(e => e.textContent),
  shown: all(".pair .legend button").map(e => e.getAttribute("aria-pressed")), charts: all(".plot canvas").length,
  outputs: all("#outputs .dygraph-axis-label-y").map(e => Number(e.textContent)),
  axis: all("#losses .dygraph-axis-label-x").map(e => Number(e.textContent)),
  range: document.getElementById("sheet").max, trained: document.getElementById("trained").src,
  alt: document.getElementById("average").alt, figure: document.getElementById("figure").value,
  table: all("#table tr").length, notes: text("points") + text("chosen") + text("judged"),
  scripts: all("script").length, images: all("img").length, colour: getComputedStyle(document.body).backgroundColor,
  overhang: document.documentElement.scrollWidth - document.documentElement.clientWidth, hidden: all("section[hidden]").map(e => e.id),
});
const canvas = document.querySelector("#outputs canvas:last-of-type"), box = canvas?.getBoundingClientRect();
const at = (x, y) => ({bubbles: true, cancelable: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height});
const mouse = (type, x) => canvas.dispatchEvent(new MouseEvent(type, {...at(x, 0.5), view: window}));
const finger = (type, x) => {
  const touch = new Touch({identifier: 1, target: canvas, ...at(x, 0.5)});
  canvas.dispatchEvent(new TouchEvent(type, {...at(x, 0.5), touches: [touch], changedTouches: [touch]}));
};
const press = (query, key) => document.querySelector(query).dispatchEvent(
  new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
const tell = facts => {
  document.body.dataset.facts = JSON.stringify(facts);
  parent.postMessage(facts, "*");
};
"""


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = Path(cls.folder.name)
        (cls.root / DATA).parent.mkdir(parents=True)
        write_data(cls.root / DATA)
        subprocess.run([PROGRAM, "--device", "cpu", "--threads", "1", "--data", DATA, "--g-hidden", "8", "--d-hidden", "8", "--batch",
                        "20", "--log-every", "3", "--sample-every", "1", "--epochs", "9", "--eval-every", "4", "--eval-count", "20",
                        "--quiet", "--out", RUN], cwd=cls.root, check=True, timeout=300)
        cls.page = (cls.root / RUN / "report.html").read_text()
        _, cls.data = split(cls.page)

    def open(self, path, *options):
        """What the browser makes of the page; it may not complain about it."""
        done = subprocess.run(
            [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr",
             f"--user-data-dir={self.root / 'profile'}", "--window-size=1280,900", "--virtual-time-budget=3000", *options,
             "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=120)
        self.assertEqual([line for line in done.stderr.splitlines() if "CONSOLE" in line], [])
        return done.stdout

    def facts(self, act="", *options, page=None, phone=False):
        """What is to be seen after `act`, JavaScript, on a page beside the run's own."""
        path = self.root / RUN / "probe.html"
        path.write_text((page or self.page).replace("</body>", f"<script>{FACTS}{act}\ntell({{...facts(), before}});</script></body>"))
        if phone:  # a window of Chromium's is 500 pixels wide at least; a frame need not be
            frame = self.root / "frame.html"
            frame.write_text(f"""<body><iframe src="{html.escape(path.as_uri())}" width=412 height=900></iframe><script>
                onmessage = event => {{ document.body.dataset.facts = JSON.stringify(event.data); }};</script></body>""")
            path = frame
        found = re.search(r'<body[^>]* data-facts="([^"]*)"', self.open(path, *options))
        self.assertTrue(found, "the page's script did not reach its end")
        return json.loads(html.unescape(found[1]))

    def test_it_shows_the_run_and_takes_no_name_for_code(self):
        facts = self.facts()
        self.assertEqual(facts["name"], RUN)
        self.assertEqual(facts["title"], f"{RUN} · gan_cuda")
        self.assertIn(DATA, facts["summary"])
        self.assertEqual((facts["scripts"], facts["images"]), (4, 2))  # the probe's included
        self.assertEqual(facts["state"], "finished")
        self.assertEqual(facts["places"], 2 * ["epoch 9.00 · step 27"])
        last = dict(zip(self.data["metrics"]["columns"], self.data["metrics"]["points"][-1]))
        columns = ("loss_d", "loss_g", "loss_real", "loss_fake", "d_real", "d_fake")
        self.assertEqual([float(value) for value in facts["values"]], [round(last[column], 3) for column in columns])
        self.assertEqual(facts["charts"], 6)  # two for each of three
        self.assertEqual(facts["range"], "8")
        self.assertEqual(base64.b64decode(facts["trained"].partition(",")[2]),
                         (self.root / RUN / "samples/epoch_0009.png").read_bytes())
        self.assertEqual((facts["figure"], facts["table"]), ("parzen_ll", 1 + 2 * 3))
        self.assertEqual((facts["overhang"], facts["notes"], facts["hidden"]), (0, "", []))

    def test_the_unchanged_page_is_silent(self):
        self.assertIn("finished</strong>", self.open(self.root / RUN / "report.html"))

    def test_keys_read_and_zoom_and_the_slider_turns_the_sheets(self):
        facts = self.facts("""
            document.querySelectorAll(".log").forEach(box => box.click());
            document.querySelector("#losses .legend button:nth-child(3)").click();
            document.querySelector("#losses .legend button:nth-child(1)").click();
            for (let i = 0; i < 4; ++i) press("#losses .plot", "ArrowLeft");
            press("#losses .plot", "+");
            const sheet = document.getElementById("sheet");
            sheet.value = 2;
            sheet.dispatchEvent(new Event("input"));""")
        self.assertEqual(facts["places"], 2 * ["epoch 5.00 · step 15"])  # of the other chart, too
        row = dict(zip(self.data["metrics"]["columns"], self.data["metrics"]["points"][4]))
        self.assertEqual(float(facts["values"][4]), round(row["d_real"], 3))
        self.assertEqual(facts["shown"][:4], ["false", "true", "true", "false"])
        self.assertGreaterEqual(min(facts["axis"]), 3)  # half of 1 to 9, about 5
        self.assertLessEqual(max(facts["axis"]), 7)
        self.assertEqual(facts["epoch"], "after epoch 3")
        self.assertIn("moving average after epoch 3", facts["alt"])

    def test_a_mouse_reads_and_zooms_and_a_button_shows_the_whole_run_again(self):
        whole = self.facts("""
            mouse("mousemove", 0.5);
            before.push(facts());
            mouse("mousedown", 0.3);
            mouse("mousemove", 0.5);
            mouse("mouseup", 0.5);
            before.push(facts());
            document.getElementById("unzoom").click();""")
        pointed, zoomed = whole["before"]
        self.assertEqual(pointed["places"], 2 * ["epoch 5.00 · step 15"])
        self.assertLess(max(zoomed["axis"]), 6)
        self.assertEqual((whole["axis"][0], whole["axis"][-1]), (2, 8))
        self.assertEqual((whole["outputs"][0], whole["outputs"][-1]), (0, 1))

    def test_a_finger_reads(self):
        facts = self.facts('finger("touchstart", 0.3); finger("touchmove", 0.5);')
        self.assertEqual(facts["places"], 2 * ["epoch 5.00 · step 15"])
        self.assertEqual((facts["axis"][0], facts["axis"][-1]), (2, 8))  # and does not zoom

    def test_it_fits_a_phone_and_the_dark(self):
        light = self.facts(phone=True)
        self.assertEqual((light["overhang"], light["charts"]), (0, 6))
        dark = self.facts("", "--blink-settings=preferredColorScheme=0")
        self.assertEqual(dark["colour"], "rgb(16, 19, 23)")
        self.assertNotEqual(light["colour"], dark["colour"])

    def with_data(self, change):
        data = json.loads(json.dumps(self.data))
        change(data)
        head, _, rest = self.page.partition(BEGIN)
        return head + BEGIN + json.dumps(data).replace("<", "\\u003c") + rest[rest.index("</script>"):]

    def test_a_run_that_has_just_begun(self):
        def begin(data):
            data["state"].update(name="training", step=0)
            data["metrics"].update(count=0, points=[])
            data["sheets"].update(count=0, chosen=[])
            data["evaluations"].update(count=0, rows=[])
        facts = self.facts(page=self.with_data(begin))
        self.assertEqual((facts["state"], facts["charts"], facts["hidden"]), ("training", 0, ["samples", "judgements"]))

    def test_it_says_what_was_thinned(self):
        def thin(data):
            data["metrics"].update(count=50000, each=25)
            data["sheets"]["count"] = 90
            data["evaluations"]["count"] = 400
        notes = self.facts(page=self.with_data(thin))["notes"]
        for words in ("the mean of 25 of the 50,000 rows", "9 of 90 epochs", "3 of 400 evaluations"):
            self.assertIn(words, notes)


if __name__ == "__main__":
    unittest.main()
