#!/usr/bin/python3
"""Trains a small GAN in PyTorch and writes what happens, for tests/model/golden_trace_test.cpp to hold against.

Needs PyTorch (Debian: python3-torch). Usage: make_golden_trace.py [tests/model/golden_trace.json]

Everything that goes in comes from a formula in whole numbers (tests/model/formula.h), so that both sides start from
the same bits; everything is computed in double.
"""
import json
import math
import pathlib
import sys

import torch
from torch import nn

LATENT, GENERATOR_HIDDEN, PIXELS, DISCRIMINATOR_HIDDEN = 10, (16, 12), 20, (11, 7)
IMAGES, BATCH, STEPS = 21, 8, 20
RATE_G, RATE_D, BETAS, EPSILON = 2e-3, 1e-3, (0.9, 0.999), 1e-8
GENERATOR_SERIES, DISCRIMINATOR_SERIES, IMAGE_SERIES, CHECKSUM_SERIES, NOISE_SERIES = 0, 20, 40, 60, 100
CHECKSUMS = 3


def formula_word(series, i):
    k = 4096 * series + i
    return (31 * k * k + 977 * k) % 10007


def formula(series, n):
    """n numbers in [-1, 1)."""
    return torch.tensor([formula_word(series, i) / 10007 * 2 - 1 for i in range(n)])


def network(inputs, hidden, outputs, series):
    layers = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    module = nn.Sequential(*layers, nn.Linear(inputs, outputs), nn.Sigmoid())
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            linear = [layer for layer in module if isinstance(layer, nn.Linear)][number // 2]
            values = formula(series + number, parameter.numel()) * (1 / math.sqrt(linear.in_features))
            parameter.copy_(values.view_as(parameter))
    return module


def real_batch(step):
    pixels = torch.tensor([formula_word(IMAGE_SERIES, i) % 256 for i in range(IMAGES * PIXELS)])
    images = pixels.view(IMAGES, PIXELS) / 255
    order = [(5 * i + 3) % IMAGES for i in range(IMAGES)]
    first = step % math.ceil(IMAGES / BATCH) * BATCH
    return images[order[first:first + BATCH]]


def train(generator, discriminator, optimiser_g, optimiser_d):
    """Yields the losses of each step: loss_real, loss_fake, loss_g, d_real, d_fake, d_g."""
    bce = nn.BCELoss()
    for step in range(STEPS):
        real = real_batch(step)
        count = len(real)
        ones, zeros = torch.ones(count, 1), torch.zeros(count, 1)
        z1, z2 = (2 * formula(NOISE_SERIES + step, 2 * count * LATENT)).view(2, count, LATENT)

        optimiser_d.zero_grad()
        d_real, d_fake = discriminator(real), discriminator(generator(z1).detach())
        loss_real, loss_fake = bce(d_real, ones), bce(d_fake, zeros)
        (loss_real + loss_fake).backward()
        optimiser_d.step()

        optimiser_g.zero_grad()
        d_g = discriminator(generator(z2))
        loss_g = bce(d_g, ones)
        loss_g.backward()
        optimiser_g.step()
        yield [x.item() for x in (loss_real, loss_fake, loss_g, d_real.mean(), d_fake.mean(), d_g.mean())]


def digest(tensor):
    """Of a tensor x: its norm, and the sums of x and of x times some series."""
    flat = tensor.detach().flatten()
    weights = [torch.ones(len(flat))] + [formula(CHECKSUM_SERIES + c, len(flat)) for c in range(CHECKSUMS)]
    return {"norm": flat.norm().item(), "checksums": [(flat * w).sum().item() for w in weights]}


def digests(module, optimiser):
    result = {}
    for name, parameter in module.named_parameters():
        state = optimiser.state[parameter]
        result["network." + name] = {"parameters": digest(parameter), "moment1": digest(state["exp_avg"]),
                                     "moment2": digest(state["exp_avg_sq"])}
    return result


def main():
    default = pathlib.Path(__file__).parent.parent / "tests/model/golden_trace.json"
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    torch.set_default_dtype(torch.double)
    generator = network(LATENT, GENERATOR_HIDDEN, PIXELS, GENERATOR_SERIES)
    discriminator = network(PIXELS, DISCRIMINATOR_HIDDEN, 1, DISCRIMINATOR_SERIES)
    optimiser_g = torch.optim.Adam(generator.parameters(), lr=RATE_G, betas=BETAS, eps=EPSILON)
    optimiser_d = torch.optim.Adam(discriminator.parameters(), lr=RATE_D, betas=BETAS, eps=EPSILON)
    trace = {
        "made_by": f"tools/make_golden_trace.py, PyTorch {torch.__version__}, double",
        "losses": list(train(generator, discriminator, optimiser_g, optimiser_d)),
        "generator": digests(generator, optimiser_g),
        "discriminator": digests(discriminator, optimiser_d),
    }
    path.write_text(json.dumps(trace, indent=1) + "\n")


if __name__ == "__main__":
    main()
