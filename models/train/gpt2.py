"""GPT-2 in PyTorch, as small as training needs it, and its export as a Hugging Face folder.

Weights of projections are stored [in, out], as GPT-2 stores them, so that a name here is a name in model.safetensors.
"""
import json
import math

import numpy
import torch
from torch import nn
from torch.nn import functional as F

import safetensors
from dropout import Dropout


class Projection(nn.Module):
    """x W + b with W [n_in, n_out]."""

    def __init__(self, n_in, n_out, deviation):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out) * deviation)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return F.linear(x, self.weight.t(), self.bias)


class GeluNew(torch.autograd.Function):
    """GPT-2's GELU, x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³), written as x σ(2u).

    PyTorch's own takes three times as long in bfloat16, which was a quarter of a training step.
    """
    LINEAR = 2 * math.sqrt(2 / math.pi)
    CUBIC = 0.044715 * LINEAR

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x * (GeluNew.CUBIC * x * x + GeluNew.LINEAR))

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        square = x * x
        s = torch.sigmoid(x * (GeluNew.CUBIC * square + GeluNew.LINEAR))
        return gradient * (s + x * s * (1 - s) * (3 * GeluNew.CUBIC * square + GeluNew.LINEAR))


class Block(nn.Module):
    def __init__(self, d_model, n_heads, n_layers, dropout):
        super().__init__()
        into_residual = 0.02 / math.sqrt(2 * n_layers)
        self.n_heads = n_heads
        self.ln_1, self.ln_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.attn = nn.ModuleDict({"c_attn": Projection(d_model, 3 * d_model, 0.02),
                                   "c_proj": Projection(d_model, d_model, into_residual)})
        self.mlp = nn.ModuleDict({"c_fc": Projection(d_model, 4 * d_model, 0.02),
                                  "c_proj": Projection(4 * d_model, d_model, into_residual)})
        self.dropout = Dropout(dropout)

    def attention(self, x, mask):
        batch, length, d_model = x.shape
        q, k, v = (t.view(batch, length, self.n_heads, -1).transpose(1, 2)
                   for t in self.attn["c_attn"](x).split(d_model, dim=2))
        scores = (q / math.sqrt(d_model // self.n_heads)) @ k.transpose(2, 3)
        weights = (scores + mask).softmax(-1)
        return self.attn["c_proj"]((weights @ v).transpose(1, 2).reshape(batch, length, d_model))

    def forward(self, x, mask):
        x = x + self.dropout(self.attention(self.ln_1(x), mask))
        hidden = GeluNew.apply(self.mlp["c_fc"](self.ln_2(x)))
        return x + self.dropout(self.mlp["c_proj"](hidden))


class Gpt2(nn.Module):
    def __init__(self, n_vocab, n_ctx, d_model, n_heads, n_layers, dropout):
        super().__init__()
        self.sizes = {"vocab_size": n_vocab, "n_positions": n_ctx, "n_embd": d_model, "n_head": n_heads,
                      "n_layer": n_layers}
        self.wte, self.wpe = nn.Embedding(n_vocab, d_model), nn.Embedding(n_ctx, d_model)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)
        self.h = nn.ModuleList(Block(d_model, n_heads, n_layers, dropout) for _ in range(n_layers))
        self.ln_f = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)

    @property
    def blocks(self):
        return self.h

    @property
    def tables(self):
        return [self.wte.weight, self.wpe.weight]

    @property
    def n_ctx(self):
        return self.sizes["n_positions"]

    def forward(self, ids):
        """ids [batch, length] -> logits [batch, length, n_vocab]; the output matrix is the embedding (tied)."""
        length = ids.shape[1]
        x = self.dropout(self.wte(ids) + self.wpe.weight[:length])
        dtype = torch.bfloat16 if torch.is_autocast_cpu_enabled() else x.dtype
        mask = torch.full((length, length), float("-inf"), dtype=dtype).triu(1)
        for block in self.h:
            x = block(x, mask)
        return F.linear(self.ln_f(x), self.wte.weight)

    def n_parameters(self):
        return sum(p.numel() for p in self.parameters())

    def flops_per_token(self):
        """Training FLOPs per token: 6 for each weight of a matrix product (forward 2, backward 4); attention left out."""
        return 6 * (self.n_parameters() - self.wpe.weight.numel())


def import_(folder):
    """The model that export() wrote, its weights as float32, without dropout."""
    config = json.loads((folder / "config.json").read_text())
    model = Gpt2(config["vocab_size"], config["n_positions"], config["n_embd"], config["n_head"], config["n_layer"], 0)
    weights = safetensors.load(folder / "model.safetensors")
    model.load_state_dict({name.removeprefix("transformer."): torch.tensor(array.astype(numpy.float32))
                           for name, array in weights.items()})
    return model.eval()


def export(model, folder):
    """Writes config.json and model.safetensors (F16) for the trained model."""
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-05, "n_inner": None, **model.sizes, "bos_token_id": 0, "eos_token_id": 0,
        "scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False, "tie_word_embeddings": True,
        "torch_dtype": "float16", "use_cache": True,
    }
    with open(folder / "config.json", "w", encoding="utf-8") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    tensors = {"transformer." + name: p.detach().numpy().astype(numpy.float16)
               for name, p in model.named_parameters()}
    safetensors.save(folder / "model.safetensors", tensors)
