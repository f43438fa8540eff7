"""Loads model_G (in both formats) and model_D of a run folder into PyTorch modules and compares their images with those in
images.safetensors.  Exit code 77 if PyTorch is not installed."""
import json
import struct
import sys
from pathlib import Path

try:
    import numpy
    import torch
except ImportError:
    sys.exit(77)


def load_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", entry
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


class Network(torch.nn.Module):
    """Linear layers with ReLU between them and a Sigmoid behind, as people write the two networks."""

    def __init__(self, weights):
        super().__init__()
        layers = []
        for name in sorted(n for n in weights if n.endswith(".weight")):
            outputs, inputs = weights[name].shape
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        layers[-1] = torch.nn.Sigmoid()
        self.network = torch.nn.Sequential(*layers)
        self.load_state_dict(weights)

    def forward(self, x):
        return self.network(x)


folder = Path(sys.argv[1])
generator = Network(load_safetensors(folder / "model_G.safetensors"))
discriminator = Network(load_safetensors(folder / "model_D.safetensors"))
expected = load_safetensors(folder / "images.safetensors")
published = Network(torch.load(folder / "model_G.pth"))
for name, weight in torch.load(folder / "model_G.pth", weights_only=True).items():
    assert torch.equal(weight, generator.state_dict()[name]), name
with torch.no_grad():
    assert torch.equal(published(expected["z"]), generator(expected["z"]))
    images = generator(expected["z"])
    probabilities = discriminator(images)
error = (images - expected["images"]).abs().max().item()
assert error < 1e-6, f"images differ by {error}"
assert images.std() > 0.01, "the images are flat: nothing was compared"
assert probabilities.shape == (images.shape[0], 1)
