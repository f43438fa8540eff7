#!/usr/bin/env python3
"""The training loop of gan_cuda in JAX: everything on the device, nothing read back within a step. See peer.py.

jit     one compiled function an iteration, its state given over ("donated") from one call to the next
scan    one compiled function for 100 iterations, a lax.scan over the same step
"""

import os

import peer

if __name__ == "__main__":
    options = peer.parse(["jit", "scan"])
    os.environ["JAX_PLATFORMS"] = options.device
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
from jax import numpy as jnp

SCAN = 100


def initial(key, widths: list[int]) -> list:
    """Weights and biases from U(±1/√in), as PyTorch's nn.Linear."""
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        key, of_weights, of_biases = jax.random.split(key, 3)
        bound = inputs**-0.5
        layers.append((jax.random.uniform(of_weights, (inputs, outputs), minval=-bound, maxval=bound),
                       jax.random.uniform(of_biases, (outputs,), minval=-bound, maxval=bound)))
    return layers


def forward(layers: list, x):
    for weights, biases in layers[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = layers[-1]
    return x @ weights + biases


def generate(G: list, z):
    return jax.nn.sigmoid(forward(G, z))


# Binary cross-entropies from logits: -ln σ(z) = softplus(-z), -ln(1 - σ(z)) = softplus(z).
def loss_of_d(D, real, fake):
    logits = forward(D, jnp.concatenate([real, fake]))
    return jax.nn.softplus(-logits[:len(real)]).mean() + jax.nn.softplus(logits[len(real):]).mean()


def loss_of_g(G, D, z):
    return jax.nn.softplus(-forward(D, generate(G, z))).mean()


def adam(parameters, moments, gradients, t):
    """Kingma and Ba, ICLR 2015, algorithm 1."""
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradients)
    rate, scale = peer.RATE / (1 - 0.9**t), (1 - 0.999**t)**-0.5
    return jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) * scale + 1e-8), parameters, m, v), (m, v)


class Jax:
    def __init__(self, options):
        self.options = options
        self.version = f"JAX {jax.__version__}"
        self.device = jax.devices()[0].device_kind
        jax.config.update("jax_default_matmul_precision", {"fp32": "float32", "tf32": "tensorfloat32"}[options.precision])
        self.images = jax.device_put(peer.load_images(options.data))
        step = self.step

        def steps(state, images):
            return jax.lax.scan(lambda state, _: (step(state, images), None), state, length=SCAN)[0]

        self.at_once = SCAN if options.kind == "scan" else 1
        self.compiled = jax.jit(steps if options.kind == "scan" else step, donate_argnums=0)
        self.restart(seed=1)

    def restart(self, seed: int):
        options, pixels = self.options, self.images.shape[1]
        key, of_g, of_d = jax.random.split(jax.random.key(seed), 3)
        G = initial(of_g, [peer.LATENT, *options.g_hidden, pixels])
        D = initial(of_d, [pixels, *options.d_hidden, 1])

        def moments(layers):
            return tuple(jax.tree.map(jnp.zeros_like, layers) for _ in range(2))

        self.state = (G, moments(G), D, moments(D), key, jnp.float32(1), jnp.zeros(2))

    def step(self, state, images):
        G, moments_g, D, moments_d, key, t, total = state
        batch = self.options.batch
        key, of_images, of_z = jax.random.split(key, 3)
        real = images[jax.random.randint(of_images, (batch,), 0, len(images))].astype(jnp.float32) / 255
        z = jax.random.normal(of_z, (2, batch, peer.LATENT))
        loss_d, gradients = jax.value_and_grad(loss_of_d)(D, real, generate(G, z[0]))
        D, moments_d = adam(D, moments_d, gradients, t)
        loss_g, gradients = jax.value_and_grad(loss_of_g)(G, D, z[1])
        G, moments_g = adam(G, moments_g, gradients, t)
        return G, moments_g, D, moments_d, key, t + 1, total + jnp.stack([loss_d, loss_g])

    def run(self, iterations: int) -> int:
        calls = -(-iterations // self.at_once)
        for _ in range(calls):
            self.state = self.compiled(self.state, self.images)
        jax.block_until_ready(self.state)
        return calls * self.at_once

    @property
    def total(self):
        return self.state[-1]


if __name__ == "__main__":
    peer.serve(Jax, options)
