"""Writes a small generator in the forms in which people keep one, with PyTorch: make_weights.py DIR.  What draws the same digits
as plain.pth goes to DIR/same, what draws nearly the same to DIR/near, what must be refused to DIR/refused."""
import collections
import sys
from pathlib import Path

import torch

torch.manual_seed(1)
Linear, ReLU, Sequential = torch.nn.Linear, torch.nn.ReLU, torch.nn.Sequential


class G(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.network = Sequential(Linear(10, 16), ReLU(), Linear(16, 12), ReLU(), Linear(12, 784), torch.nn.Sigmoid())

    def forward(self, z):
        return self.network(z)


root = Path(sys.argv[1])
same, near, refused = (root / name for name in ("same", "near", "refused"))
for folder in (same, near, refused):
    folder.mkdir(parents=True)
g = G()
d = Sequential(Linear(784, 8), ReLU(), Linear(8, 1))
state = g.state_dict()
named = lambda change: collections.OrderedDict((change(k), v) for k, v in state.items())
save = torch.save

save(state, same / "plain.pth")
save(torch.nn.DataParallel(g).state_dict(), same / "module.pth")
save(named(lambda k: "_orig_mod." + k), same / "compiled.pth")
save(named(lambda k: "module._orig_mod.generator." + k), same / "prefixes.pth")
save(g.network.state_dict(), same / "sequential.pth")
save(named(lambda k: "fc" + str(int(k.split(".")[1]) // 2 + 1) + "." + k.split(".")[2]), same / "fc.pth")
save({"model": state, "epoch": 7}, same / "wrapped.pth")
optimizer = torch.optim.Adam(g.parameters())
kept = {k: v.clone() for k, v in state.items()}
g(torch.randn(2, 10)).sum().backward()
optimizer.step()
g.load_state_dict(kept)
save({"epoch": 7, "generator_state_dict": g.state_dict(), "discriminator_state_dict": d.state_dict(), "loss": [0.5, 0.25],
      "optimizer_state_dict": optimizer.state_dict(), "rng": torch.get_rng_state(), "fixed_noise": torch.randn(4, 10)},
     same / "checkpoint.pth")
save({"state_dict": {**{"generator." + k: v for k, v in state.items()}, **{"discriminator." + k: v for k, v in d.state_dict().items()}},
      "hyper_parameters": {"lr": 1e-3}}, same / "lightning.ckpt")
save(dict(g.named_parameters()), same / "parameters.pth")
save({k: v.t().contiguous().t() if v.dim() == 2 else v for k, v in state.items()}, same / "turned.pth")
flat, views, offset = torch.cat([v.reshape(-1) for v in state.values()]), collections.OrderedDict(), 0
for k, v in state.items():
    views[k] = flat[offset:offset + v.numel()].view(v.shape)
    offset += v.numel()
save(views, same / "views.pth")
save({k: v.double() for k, v in state.items()}, same / "double.pth")
save(state, same / "old.pth", _use_new_zipfile_serialization=False)
save({"model": state, "step": torch.tensor(3)}, same / "old_wrapped.pth", _use_new_zipfile_serialization=False)
for protocol in (3, 4, 5):
    save(state, same / f"protocol_{protocol}.pth", pickle_protocol=protocol)
for name in ("upper.PTH", "model.ckpt", "pytorch_model.bin", "G.pkl", "no_ending"):
    save(state, same / name)

save({k: v.half() for k, v in state.items()}, near / "half.pth")
save({k: v.bfloat16() for k, v in state.items()}, near / "bfloat16.pth")

save(g, refused / "whole_module.pth")
save({"G": state, "G_ema": {k: v.clone() for k, v in state.items()}}, refused / "two_generators.pth")
save({"epoch": 7, "loss": 0.5}, refused / "no_network.pth")
save(collections.OrderedDict([*state.items(), ("note", torch.tensor(3))]), refused / "integer.pth")
torch.jit.script(g).save(str(refused / "script.pt"))
