"""What the tests of the explored page write and read: small generators, and PNG files."""
import json
import math
import struct
import zlib
from pathlib import Path


def write_model(path: Path, widths, image, slope=0.0, latent="normal", classes=()):
    """A generator with weights of a formula; one of a single layer draws z itself.  classes: their names, of a conditional one."""
    values, tensors, at = b"", {"__metadata__": {"network": "G", "image": image, "slope": str(slope), "latent": latent}}, 0
    for layer, (width, out) in enumerate(zip(widths, widths[1:])):
        weights = [float(o == i) if len(widths) == 2 else 3 / math.sqrt(width) * math.sin(1 + 7 * o + 13 * i * i)
                   for o in range(out) for i in range(width)]
        for name, shape, numbers in (("weight", [out, width], weights), ("bias", [out], [0.1 * math.cos(o) for o in range(out)])):
            if len(widths) == 2 and name == "bias":
                numbers = out * [0.0]
            data = struct.pack(f"<{len(numbers)}f", *numbers)
            tensors[f"network.{2 * layer}.{name}"] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(data)]}
            values, at = values + data, at + len(data)
    if classes:
        numbers = [math.sin(3 * i * i + 2) for i in range(len(classes) * widths[1])]
        tensors["embedding.weight"] = {"dtype": "F32", "shape": [len(classes), widths[1]], "data_offsets": [at, at + 4 * len(numbers)]}
        tensors["__metadata__"]["classes"] = json.dumps(classes)
        values += struct.pack(f"<{len(numbers)}f", *numbers)
    header = json.dumps(tensors).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)


def grey_png(data):
    """Width, height and the pixels of an 8-bit file, grey or grey in RGBA."""
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        chunks[kind] = chunks.get(kind, b"") + data[at + 8:at + 8 + size]
        at += 12 + size
    width, height, depth, colours = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert depth == 8
    each = {0: 1, 6: 4}[colours]
    stride = each * width + 1
    lines, before, pixels = zlib.decompress(chunks[b"IDAT"]), bytes(stride - 1), []
    for y in range(height):
        kind, line = lines[y * stride], bytearray(lines[y * stride + 1:(y + 1) * stride])
        for i in range(len(line)):
            left, up, corner = (line[i - each] if i >= each else 0), before[i], (before[i - each] if i >= each else 0)
            nearest = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
            line[i] = (line[i] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
        pixels += line[::each]
        before = line
    return width, height, pixels
