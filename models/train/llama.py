"""A Llama decoder in PyTorch, as small as training needs it: RoPE, RMSNorm, SwiGLU, query heads that share KV heads.

Weights of projections are stored [out, in], as Llama stores them, so that a name here is a name in model.safetensors.
"""
import json
import math

import numpy
import torch
from torch import nn
from torch.nn import functional as F

import safetensors
from dropout import Dropout

ROPE_THETA = 10000.0
EPSILON = 1e-5


class SwiGlu(torch.autograd.Function):
    """silu(gate) · up, with a backward pass in few operations: the MLP's width makes this a large part of a step."""

    @staticmethod
    def forward(ctx, gate, up):
        ctx.save_for_backward(gate, up)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, gradient):
        gate, up = ctx.saved_tensors
        s = torch.sigmoid(gate)
        silu = gate * s
        return gradient * up * (s + silu * (1 - s)), gradient * silu


class RmsNorm(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * self.weight


def rotation(length, d_head):
    """cos and sin [length, d_head / 2] of RoPE: pair i turns by position · theta^(-2i / d_head)."""
    frequency = ROPE_THETA ** (-torch.arange(0, d_head, 2).float() / d_head)
    angle = torch.arange(length).float()[:, None] * frequency
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Turns the pairs (x[i], x[i + d_head / 2]) of x [..., length, d_head]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class Block(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads, d_ff, n_layers, dropout):
        super().__init__()
        self.n_heads, self.n_kv_heads, self.d_head = n_heads, n_kv_heads, d_model // n_heads
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(d_model), RmsNorm(d_model)
        into_residual = 0.02 / math.sqrt(2 * n_layers)

        def linear(n_in, n_out, deviation=0.02):
            layer = nn.Linear(n_in, n_out, bias=False)
            nn.init.normal_(layer.weight, std=deviation)
            return layer

        d_kv = n_kv_heads * self.d_head
        self.self_attn = nn.ModuleDict({"q_proj": linear(d_model, d_model), "k_proj": linear(d_model, d_kv),
                                        "v_proj": linear(d_model, d_kv),
                                        "o_proj": linear(d_model, d_model, into_residual)})
        self.mlp = nn.ModuleDict({"gate_proj": linear(d_model, d_ff), "up_proj": linear(d_model, d_ff),
                                  "down_proj": linear(d_ff, d_model, into_residual)})
        self.dropout = Dropout(dropout)

    def heads(self, projection, x, n_heads):
        """[batch, n_heads, length, d_head]"""
        return self.self_attn[projection](x).unflatten(-1, (n_heads, self.d_head)).transpose(1, 2)

    def attention(self, x, mask, cos, sin):
        batch, length, d_model = x.shape
        q = rotate(self.heads("q_proj", x, self.n_heads), cos, sin) * self.d_head ** -0.5
        k = rotate(self.heads("k_proj", x, self.n_kv_heads), cos, sin)
        v = self.heads("v_proj", x, self.n_kv_heads)
        group = self.n_heads // self.n_kv_heads
        if group > 1:
            k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        weights = (q @ k.transpose(2, 3) + mask).softmax(-1)
        self.weight_on_first = weights[..., 0]
        return self.self_attn["o_proj"]((weights @ v).transpose(1, 2).reshape(batch, length, d_model))

    def feed_forward(self, x):
        normed = self.post_attention_layernorm(x)
        hidden = SwiGlu.apply(self.mlp["gate_proj"](normed), self.mlp["up_proj"](normed))
        return self.mlp["down_proj"](hidden)

    def forward(self, x, mask, cos, sin):
        x = x + self.dropout(self.attention(self.input_layernorm(x), mask, cos, sin))
        return x + self.dropout(self.feed_forward(x))


class Llama(nn.Module):
    def __init__(self, n_vocab, n_ctx, d_model, n_heads, n_kv_heads, d_ff, n_layers, dropout):
        super().__init__()
        self.sizes = {"vocab_size": n_vocab, "max_position_embeddings": n_ctx, "hidden_size": d_model,
                      "intermediate_size": d_ff, "num_hidden_layers": n_layers, "num_attention_heads": n_heads,
                      "num_key_value_heads": n_kv_heads, "head_dim": d_model // n_heads}
        self.embed_tokens = nn.Embedding(n_vocab, d_model)
        nn.init.normal_(self.embed_tokens.weight, std=0.02)
        self.layers = nn.ModuleList(Block(d_model, n_heads, n_kv_heads, d_ff, n_layers, dropout) for _ in range(n_layers))
        self.norm = RmsNorm(d_model)
        self.dropout = Dropout(dropout)

    @property
    def blocks(self):
        return self.layers

    @property
    def tables(self):
        return [self.embed_tokens.weight]

    @property
    def n_ctx(self):
        return self.sizes["max_position_embeddings"]

    def forward(self, ids):
        """ids [batch, length] -> logits [batch, length, n_vocab]; the output matrix is the embedding (tied)."""
        length = ids.shape[1]
        x = self.dropout(self.embed_tokens(ids))
        dtype = torch.bfloat16 if torch.is_autocast_cpu_enabled() else x.dtype
        mask = torch.full((length, length), float("-inf"), dtype=dtype).triu(1)
        cos, sin = (t.to(dtype) for t in rotation(length, self.sizes["head_dim"]))
        for block in self.layers:
            x = block(x, mask, cos, sin)
        return self.logits(x)

    def logits(self, x):
        return F.linear(self.norm(x), self.embed_tokens.weight)

    def weights_on_first(self):
        """For each layer what the rows of the last forward() gave to token 0, [batch, n_heads, length]."""
        return [block.weight_on_first for block in self.layers]

    def n_parameters(self):
        return sum(p.numel() for p in self.parameters())

    def flops_per_token(self):
        """Training FLOPs per token: 6 for each weight of a matrix product (forward 2, backward 4); attention left out."""
        return 6 * self.n_parameters()


def with_fewer_kv_heads(model, n_kv_heads, dropout):
    """The model with each group of K and V heads replaced by their mean (Ainslie et al. 2023, section 2.1).

    Without n_kv_heads it keeps as many as it has."""
    s = model.sizes
    n_kv_heads = n_kv_heads or s["num_key_value_heads"]
    smaller = Llama(s["vocab_size"], s["max_position_embeddings"], s["hidden_size"], s["num_attention_heads"], n_kv_heads,
                    s["intermediate_size"], s["num_hidden_layers"], dropout)
    weights = model.state_dict()
    for name, weight in weights.items():
        if "k_proj" in name or "v_proj" in name:
            grouped = weight.view(n_kv_heads, -1, s["head_dim"], s["hidden_size"])
            weights[name] = grouped.mean(1).reshape(-1, s["hidden_size"])
    smaller.load_state_dict(weights)
    return smaller


def import_(folder, dropout=0.0):
    """The model that export() wrote, its weights as float32."""
    config = json.loads((folder / "config.json").read_text())
    model = Llama(config["vocab_size"], config["max_position_embeddings"], config["hidden_size"],
                  config["num_attention_heads"], config["num_key_value_heads"], config["intermediate_size"],
                  config["num_hidden_layers"], dropout)
    weights = safetensors.load(folder / "model.safetensors")
    model.load_state_dict({name.removeprefix("model."): torch.tensor(array.astype(numpy.float32))
                           for name, array in weights.items()})
    return model.eval()


def export(model, folder):
    """Writes config.json and model.safetensors (F16) for the trained model."""
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "rms_norm_eps": EPSILON,
        **model.sizes, "rope_theta": ROPE_THETA, "rope_scaling": None, "attention_bias": False, "mlp_bias": False,
        "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": True, "torch_dtype": "float16", "use_cache": True,
    }
    with open(folder / "config.json", "w", encoding="utf-8") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    tensors = {"model." + name: p.detach().numpy().astype(numpy.float16) for name, p in model.named_parameters()}
    safetensors.save(folder / "model.safetensors", tensors)
