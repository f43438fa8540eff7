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
SHARE_SERIES, MASK_SERIES = 300, 400
CHECKSUMS = 3
CLASSES = 3
GAME_STEPS = 12


def formula_word(series, i):
    k = 4096 * series + i
    return (31 * k * k + 977 * k) % 10007


def formula(series, n):
    """n numbers in [-1, 1)."""
    return torch.tensor([formula_word(series, i) / 10007 * 2 - 1 for i in range(n)])


def network(inputs, hidden, outputs, series, slope=0, last=(nn.Sigmoid,)):
    layers = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(slope) if slope else nn.ReLU()]
        inputs = width
    module = nn.Sequential(*layers, nn.Linear(inputs, outputs), *[layer() for layer in last])
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            linear = [layer for layer in module if isinstance(layer, nn.Linear)][number // 2]
            values = formula(series + number, parameter.numel()) * (1 / math.sqrt(linear.in_features))
            parameter.copy_(values.view_as(parameter))
    return module


class Conditional(nn.Module):
    """A network with a vector for each class, which is added to the first layer's product."""

    def __init__(self, network, width, series):
        super().__init__()
        self.network, self.embedding = network, nn.Embedding(CLASSES, width)
        inputs = network[0].in_features
        with torch.no_grad():
            self.embedding.weight.copy_((formula(series, CLASSES * width) / math.sqrt(inputs)).view(CLASSES, width))

    def forward(self, x, classes):
        return self.network[1:](self.network[0](x) + self.embedding(classes))


def batch_numbers(step):
    order = [(5 * i + 3) % IMAGES for i in range(IMAGES)]
    first = step % math.ceil(IMAGES / BATCH) * BATCH
    return order[first:first + BATCH]


def real_batch(step):
    pixels = torch.tensor([formula_word(IMAGE_SERIES, i) % 256 for i in range(IMAGES * PIXELS)])
    images = pixels.view(IMAGES, PIXELS) / 255
    return images[batch_numbers(step)]


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


def least_squares(label):
    return {"real": lambda z: ((z - label) ** 2).mean() / 2, "fake": lambda z: (z ** 2).mean() / 2,
            "g": lambda z: ((z - 1) ** 2).mean() / 2}


HINGE = {"real": lambda z: nn.functional.relu(1 - z).mean(), "fake": lambda z: nn.functional.relu(1 + z).mean(),
         "g": lambda z: -z.mean()}
WASSERSTEIN = {"real": lambda z: -z.mean(), "fake": lambda z: z.mean(), "g": lambda z: -z.mean()}
NON_SATURATING = {"real": lambda z: nn.functional.softplus(-z).mean(), "fake": lambda z: nn.functional.softplus(z).mean(),
                  "g": lambda z: nn.functional.softplus(-z).mean()}


def adam(rate, betas=(0.9, 0.999), epsilon=EPSILON):
    return lambda parameters: torch.optim.Adam(parameters, lr=rate, betas=betas, eps=epsilon)


def rmsprop(rate):
    return lambda parameters: torch.optim.RMSprop(parameters, lr=rate, alpha=0.9, eps=EPSILON)


def sgd(rate, momentum):
    return lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=momentum)


# Where biases cancel, Adam makes steps of their gradients' rounding errors: SGD or a larger epsilon does not.
GAMES = {
    "least-squares": {"loss": least_squares(0.9), "optimiser": adam(1e-3)},
    "hinge": {"loss": HINGE, "optimiser": sgd(0.5, 0.5)},
    "pairs, R1 and R2": {"pairs": True, "optimiser": sgd(0.2, 0.25), "r1": 0.5, "r2": 0.25},
    "R1": {"loss": NON_SATURATING, "optimiser": adam(1e-3), "r1": 0.5},
    "WGAN": {"loss": WASSERSTEIN, "optimiser": sgd(0.2, 0.5), "clip": 0.125, "d_steps": 3},
    "WGAN-GP": {"loss": WASSERSTEIN, "optimiser": adam(1e-3, (0, 0.9), 1e-4), "gradient_penalty": 10, "d_steps": 2},
    "RMSProp": {"loss": NON_SATURATING, "optimiser": rmsprop(1e-3)},
    "gradient penalty": {"loss": NON_SATURATING, "optimiser": sgd(0.2, 0), "gradient_penalty": 2},
    "at once": {"loss": NON_SATURATING, "optimiser": sgd(0.2, 0.5), "simultaneous": True, "r2": 0.5},
    "pairs at once": {"pairs": True, "optimiser": sgd(0.2, 0.25), "simultaneous": True, "gradient_penalty": 2, "d_steps": 2},
}


class PaperDiscriminator(nn.Module):
    """Maxout units of three pieces, with dropout masks from the formula; rows: those of D's batch that the images are."""
    PIECES, HIDDEN_RATE, INPUT_RATE, MOST_ROWS = 3, 0.5, 0.25, 3 * BATCH

    def __init__(self):
        super().__init__()
        self.step, self.network = 0, nn.ModuleDict()
        inputs = PIXELS
        for number, width in enumerate((*DISCRIMINATOR_HIDDEN, 1)):
            outputs = width * self.PIECES if width > 1 else 1
            linear = nn.Linear(inputs, outputs)
            with torch.no_grad():
                for kind, parameter in enumerate((linear.weight, linear.bias)):
                    values = formula(DISCRIMINATOR_SERIES + 2 * number + kind, parameter.numel())
                    parameter.copy_((values / math.sqrt(inputs)).view_as(parameter))
            self.network[str(2 * number)] = linear
            inputs = width

    def drop(self, x, rate, first_word, first_row):
        width = x.shape[1]
        first = first_word + first_row * width
        u = (formula(MASK_SERIES + self.step, first + x.numel())[first:] + 1) / 2
        return x * (u >= rate).view_as(x) / (1 - rate)

    def forward(self, x, first_row=0):
        first_words = [0, self.MOST_ROWS * DISCRIMINATOR_HIDDEN[0], self.MOST_ROWS * sum(DISCRIMINATOR_HIDDEN)]
        x = self.drop(x, self.INPUT_RATE, first_words[2], first_row)
        for number, width in enumerate(DISCRIMINATOR_HIDDEN):
            x = self.network[str(2 * number)](x).view(len(x), width, self.PIECES).amax(2)
            x = self.drop(x, self.HIDDEN_RATE, first_words[number], first_row)
        return self.network["4"](x)


def play_paper():
    """The same as play() of the paper's networks and updates, with SGD whose momentum grows by epochs of three steps."""
    generator, discriminator = network(LATENT, GENERATOR_HIDDEN, PIXELS, GENERATOR_SERIES), PaperDiscriminator()
    optimisers = [torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.5) for module in (generator, discriminator)]
    losses = []
    for step in range(GAME_STEPS):
        discriminator.step = step
        for optimiser in optimisers:
            optimiser.param_groups[0]["momentum"] = 0.5 + 0.25 * min(step // 3 / 2, 1)
        real = real_batch(step)
        count = len(real)
        z = (2 * formula(NOISE_SERIES + step, count * LATENT)).view(count, LATENT)
        logits = discriminator(torch.cat((real, generator(z))))  # once, so with the same masks for both losses
        loss_real, loss_fake = NON_SATURATING["real"](logits[:count]), NON_SATURATING["fake"](logits[count:])
        loss_g = NON_SATURATING["g"](logits[count:])
        of_discriminator = torch.autograd.grad(loss_real + loss_fake, list(discriminator.parameters()), retain_graph=True)
        follow(optimisers[0], torch.autograd.grad(loss_g, list(generator.parameters())))
        follow(optimisers[1], of_discriminator)
        losses.append([loss_real.item(), loss_fake.item(), 0, loss_g.item()])
    return {"losses": losses, "generator": parameters_of(generator), "discriminator": parameters_of(discriminator.network)}


def play_conditional():
    """The same as play() of networks with classes, pairs and a gradient penalty; generated images have the classes of the real ones."""
    generator = Conditional(network(LATENT, GENERATOR_HIDDEN, PIXELS, GENERATOR_SERIES), GENERATOR_HIDDEN[0],
                            GENERATOR_SERIES + 2 * len(GENERATOR_HIDDEN) + 2)
    discriminator = Conditional(network(PIXELS, DISCRIMINATOR_HIDDEN, 1, DISCRIMINATOR_SERIES, slope=0.2, last=()),
                                DISCRIMINATOR_HIDDEN[0], DISCRIMINATOR_SERIES + 2 * len(DISCRIMINATOR_HIDDEN) + 2)
    optimiser_g, optimiser_d = (sgd(0.2, 0.25)(list(module.parameters())) for module in (generator, discriminator))
    game = {"pairs": True, "gradient_penalty": 2}
    losses = []
    for step in range(GAME_STEPS):
        real = real_batch(step)
        classes = torch.tensor([i * i % CLASSES for i in batch_numbers(step)])
        z1, z2 = (2 * formula(NOISE_SERIES + step, 2 * len(real) * LATENT)).view(2, len(real), LATENT)
        fake = generator(z1, classes).detach()

        def judge(images):
            return discriminator(images, classes)

        loss_d = losses_of(game, judge(real), judge(fake))[0]
        penalty = penalty_of(game, judge, step, real, fake)
        follow(optimiser_d, torch.autograd.grad(loss_d + penalty, list(discriminator.parameters()), allow_unused=True))
        loss_g = losses_of(game, judge(generator(z2, classes)), judge(real))[0]
        follow(optimiser_g, torch.autograd.grad(loss_g, list(generator.parameters())))
        losses.append([loss_d.item(), 0, penalty.item(), loss_g.item()])
    return {"losses": losses, "generator": parameters_of(generator, ""), "discriminator": parameters_of(discriminator, "")}


def slopes(discriminator, images):
    images = images.detach().requires_grad_()
    return torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)[0]


def penalty_of(game, discriminator, step, real, fake):
    penalty = torch.zeros(())
    for weight, images in (("r1", real), ("r2", fake)):
        if weight in game:
            penalty = penalty + game[weight] / 2 * slopes(discriminator, images).square().sum(1).mean()
    if "gradient_penalty" in game:
        share = ((formula(SHARE_SERIES + step, len(real)) + 1) / 2).unsqueeze(1)
        norms = slopes(discriminator, share * real + (1 - share) * fake).norm(dim=1)
        penalty = penalty + game["gradient_penalty"] * ((norms - 1) ** 2).mean()
    return penalty


def losses_of(game, real, fake):
    """D's losses on logits of real and of generated images."""
    if "pairs" in game:
        return nn.functional.softplus(fake - real).mean(), torch.zeros(())
    return game["loss"]["real"](real), game["loss"]["fake"](fake)


def follow(optimiser, gradients):
    for parameter, gradient in zip(optimiser.param_groups[0]["params"], gradients):
        parameter.grad = gradient
    optimiser.step()


def play(game):
    """The losses of each step, loss_real, loss_fake, penalty and loss_g, and the networks after the last one."""
    generator = network(LATENT, GENERATOR_HIDDEN, PIXELS, GENERATOR_SERIES)
    discriminator = network(PIXELS, DISCRIMINATOR_HIDDEN, 1, DISCRIMINATOR_SERIES, slope=0.2, last=())
    optimiser_g, optimiser_d = (game["optimiser"](module.parameters()) for module in (generator, discriminator))
    losses = []
    for step in range(GAME_STEPS):
        real = real_batch(step)
        z1, z2 = (2 * formula(NOISE_SERIES + step, 2 * len(real) * LATENT)).view(2, len(real), LATENT)
        fake = generator(z1).detach()
        loss_real, loss_fake = losses_of(game, discriminator(real), discriminator(fake))
        penalty = penalty_of(game, discriminator, step, real, fake)
        of_discriminator = torch.autograd.grad(loss_real + loss_fake + penalty, list(discriminator.parameters()))
        loss_g, of_generator = torch.zeros(()), None
        is_turn = (step + 1) % game.get("d_steps", 1) == 0

        def differentiate(z):
            logits = discriminator(generator(z))
            loss = losses_of(game, logits, discriminator(real))[0] if "pairs" in game else game["loss"]["g"](logits)
            return loss, torch.autograd.grad(loss, list(generator.parameters()))

        if is_turn and "simultaneous" in game:
            loss_g, of_generator = differentiate(z1)
        follow(optimiser_d, of_discriminator)
        if "clip" in game:
            with torch.no_grad():
                for parameter in discriminator.parameters():
                    parameter.clamp_(-game["clip"], game["clip"])
        if is_turn:
            if "simultaneous" not in game:
                loss_g, of_generator = differentiate(z2)
            follow(optimiser_g, of_generator)
        losses.append([x.item() for x in (loss_real, loss_fake, penalty, loss_g)])
    return {"losses": losses, "generator": parameters_of(generator), "discriminator": parameters_of(discriminator)}


def digest(tensor):
    """Of a tensor x: its norm, and the sums of x and of x times some series."""
    flat = tensor.detach().flatten()
    weights = [torch.ones(len(flat))] + [formula(CHECKSUM_SERIES + c, len(flat)) for c in range(CHECKSUMS)]
    return {"norm": flat.norm().item(), "checksums": [(flat * w).sum().item() for w in weights]}


def parameters_of(module, prefix="network."):
    return {prefix + name: {"parameters": digest(value)} for name, value in module.named_parameters()}


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
        "games": {**{name: play(game) for name, game in GAMES.items()}, "paper": play_paper(),
                  "conditional": play_conditional()},
    }
    path.write_text(json.dumps(trace, indent=1) + "\n")


if __name__ == "__main__":
    main()
