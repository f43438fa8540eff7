"""60,000 + 10,000 digits in IDX files, of a 5×7 font: to read, they take a tenth of the time that the program's own take to draw."""
import atexit
import shutil
import struct
import tempfile
from pathlib import Path

FONT = ("01110100011001110101110011000101110", "00100011000010000100001000010001110", "01110100010000100010001000100011111",
        "11111000100010000010000011000101110", "00010001100101010010111110001000010", "11111100001111000001000011000101110",
        "00110010001000011110100011000101110", "11111000010001000100010000100001000", "01110100011000101110100011000101110",
        "01110100011000101111000010001001100")
SIDE, SCALE, SHIFTS = 28, 3, 5


def image(digit: int, left: int, top: int, ink: int) -> bytes:
    pixels = bytearray(SIDE * SIDE)
    for place, bit in enumerate(FONT[digit]):
        if bit == "1":
            for row in range(SCALE):
                at = (top + place // 5 * SCALE + row) * SIDE + left + place % 5 * SCALE
                pixels[at:at + SCALE] = bytes([ink]) * SCALE
    return bytes(pixels)


def images(count: int) -> tuple[bytes, bytes]:
    """Every digit at every shift, again and again; and their labels."""
    kinds = [(digit, left, top) for left in range(4, 4 + SHIFTS) for top in range(1, 1 + SHIFTS) for digit in range(10)]
    pixels = b"".join(image(digit, left, top, 255 - 5 * (left + top)) for digit, left, top in kinds)
    labels = bytes(digit for digit, _, _ in kinds)
    times = count // len(kinds)
    return pixels * times, labels * times


def folder() -> Path:
    path = Path(tempfile.mkdtemp(prefix="gan_digits_"))
    atexit.register(shutil.rmtree, path)
    for name, count in (("train", 60000), ("t10k", 10000)):
        pixels, labels = images(count)
        (path / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 2051, count, SIDE, SIDE) + pixels)
        (path / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 2049, count) + labels)
    return path


DIGITS = str(folder())  # removed when the tests end
