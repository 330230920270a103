"""Muon (Jordan et al. 2024): momentum whose update for a matrix is replaced by the nearest orthogonal matrix.

The nearest orthogonal matrix is approached by five steps of a Newton-Schulz iteration with the quintic polynomial
a X + (b X Xᵀ + c (X Xᵀ)²) X. It learns from fewer tokens than AdamW, which counts when an hour of two cores is all there is.
bfloat16 is enough for the iteration, whose result is only a direction; processors without it take float32, which is faster there.
"""
import pathlib

import torch


def can_use_bf16():
    try:
        return "avx512_bf16" in pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


DTYPE = torch.bfloat16 if can_use_bf16() else torch.float32


def orthogonalise(matrix):
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.t() if tall else matrix).to(DTYPE)
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return (x.t() if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For the matrices of the blocks, [in, out] or [out, in]; everything else wants AdamW. A fused q, k, v matrix is three."""

    def __init__(self, parameters, lr, weight_decay, momentum=0.95):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                direction = p.grad.lerp(buffer, group["momentum"])
                n_parts = 3 if p.shape[1] == 3 * p.shape[0] else 1
                update = torch.cat([orthogonalise(part) for part in direction.chunk(n_parts, dim=1)], dim=1)
                gain = max(1, p.shape[1] / p.shape[0] / n_parts) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update, alpha=-group["lr"] * gain)
