"""Dropout, for every model here."""
import numpy
import torch
from torch import nn


class Dropout(nn.Module):
    """Dropout whose random bytes come from NumPy: PyTorch draws them on one core, a sixth of a training step."""

    random = numpy.random.Generator(numpy.random.SFC64(0))

    def __init__(self, share):
        super().__init__()
        self.n_dropped = round(share * 256)

    @classmethod
    def seed(cls, *numbers):
        cls.random = numpy.random.Generator(numpy.random.SFC64(numbers))

    def forward(self, x):
        if not self.training or self.n_dropped == 0:
            return x
        noise = torch.from_numpy(self.random.integers(0, 256, x.shape, dtype=numpy.uint8))
        return x * (noise >= self.n_dropped).to(x.dtype).mul_(256 / (256 - self.n_dropped))
