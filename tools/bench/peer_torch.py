#!/usr/bin/env python3
"""The training loop of gan_cuda in PyTorch: everything on the device, nothing read back within a step. See peer.py.

eager           as it is written
graph           the whole iteration recorded as one CUDA graph (a GPU's)
compile         both losses compiled; on a GPU each with CUDA graphs of PyTorch's own ("reduce-overhead")
compile-graph   both losses compiled, and the whole iteration recorded as one CUDA graph (a GPU's)
"""

import peer

if __name__ == "__main__":
    options = peer.parse(["eager", "graph", "compile", "compile-graph"])

import torch
from torch import nn
from torch.nn import functional


def network(widths: list[int], *last) -> nn.Sequential:
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1], *last)


class Torch:
    def __init__(self, options):
        self.options = options
        self.version = f"PyTorch {torch.__version__}"
        on_gpu = options.device == "cuda"
        if not on_gpu and options.kind.endswith("graph"):
            raise RuntimeError("CUDA graphs need a GPU")
        if options.kind.startswith("compile") and not hasattr(torch, "compile"):
            raise RuntimeError(f"PyTorch {torch.__version__} has no torch.compile")
        self.where = torch.device(options.device)
        self.device = torch.cuda.get_device_name() if on_gpu else "CPU"
        if options.threads:
            torch.set_num_threads(options.threads)
        if on_gpu:
            torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
        self.images = torch.from_numpy(peer.load_images(options.data).copy()).to(self.where)
        where, pixels = self.where, self.images.shape[1]
        self.G = network([peer.LATENT, *options.g_hidden, pixels], nn.Sigmoid()).to(where)
        self.D = network([pixels, *options.d_hidden, 1]).to(where)
        self.optimiser_g, self.optimiser_d = self.adam(self.G), self.adam(self.D)
        self.total = torch.zeros(2, device=where)  # of the losses of D and G
        self.loss_d, self.loss_g = self.loss_of_d, self.loss_of_g
        if options.kind.startswith("compile"):
            mode = "reduce-overhead" if options.device == "cuda" and options.kind == "compile" else "default"
            self.loss_d = torch.compile(self.loss_of_d, mode=mode, dynamic=False)
            self.loss_g = torch.compile(self.loss_of_g, mode=mode, dynamic=False)
        self.step = self.recorded() if options.kind.endswith("graph") else self.iteration

    def adam(self, module: nn.Module) -> torch.optim.Adam:
        capturable = {"capturable": True} if self.options.kind.endswith("graph") else {}
        try:
            return torch.optim.Adam(module.parameters(), lr=peer.RATE, fused=True, **capturable)
        except (TypeError, RuntimeError):  # fused only in newer versions, and not on every device
            return torch.optim.Adam(module.parameters(), lr=peer.RATE, **capturable)

    # Binary cross-entropies from logits: -ln σ(z) = softplus(-z), -ln(1 - σ(z)) = softplus(z).
    def loss_of_d(self, real, z):
        with torch.no_grad():
            fake = self.G(z)
        logits = self.D(torch.cat([real, fake]))
        return functional.softplus(-logits[:len(real)]).mean() + functional.softplus(logits[len(real):]).mean()

    def loss_of_g(self, z):
        return functional.softplus(-self.D(self.G(z))).mean()

    def iteration(self):
        batch = self.options.batch
        real = self.images[torch.randint(len(self.images), (batch,), device=self.where)].float() / 255
        z = torch.randn(2, batch, peer.LATENT, device=self.where)
        loss_d = self.loss_d(real, z[0])
        self.update(self.optimiser_d, loss_d)
        for parameter in self.D.parameters():
            parameter.requires_grad_(False)
        loss_g = self.loss_g(z[1])
        self.update(self.optimiser_g, loss_g)
        for parameter in self.D.parameters():
            parameter.requires_grad_(True)
        self.total += torch.stack([loss_d.detach(), loss_g.detach()])

    @staticmethod
    def update(optimiser, loss):
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def recorded(self):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.iteration()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.iteration()
        return self.graph.replay

    def wait(self):
        if self.where.type == "cuda":
            torch.cuda.synchronize()

    def run(self, iterations: int) -> int:
        for _ in range(iterations):
            self.step()
        self.wait()
        return iterations

    def restart(self, seed: int):
        """In place: what is compiled or recorded stays so."""
        torch.manual_seed(seed)
        for layer in [*self.G, *self.D]:
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
        for state in [*self.optimiser_g.state.values(), *self.optimiser_d.state.values()]:
            for moment in state.values():
                moment.zero_()
        self.total.zero_()


if __name__ == "__main__":
    peer.serve(Torch, options)
