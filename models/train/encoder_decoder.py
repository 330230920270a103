"""An encoder and a decoder of GPT-2 blocks, computed and named as Hugging Face's EncoderDecoderModel does it.

    source ids ─> encoder: blocks, ln_f ─> K and V of every decoder block's cross-attention
    target ids ─> decoder: blocks of self-attention, cross-attention, MLP; ln_f; logits by the embedding (tied)

GPT-2's blocks are causal, and they stay so in the encoder: a source position has seen what stands before it alone.
"""
import json
import math

import numpy
import torch
from torch import nn
from torch.nn import functional as F

import safetensors
from gpt2 import Block, GeluNew, Projection


class CrossBlock(Block):
    """A GPT-2 block with cross-attention between self-attention and MLP."""

    def __init__(self, d_model, n_heads, n_layers):
        super().__init__(d_model, n_heads, n_layers, 0)
        self.ln_cross_attn = nn.LayerNorm(d_model)
        self.crossattention = nn.ModuleDict({"q_attn": Projection(d_model, d_model, 0.02),
                                             "c_attn": Projection(d_model, 2 * d_model, 0.02),
                                             "c_proj": Projection(d_model, d_model, 0.02 / math.sqrt(2 * n_layers))})

    def heads(self, x):
        return x.view(*x.shape[:2], self.n_heads, -1).transpose(1, 2)

    def cross_attention(self, x, encoded, padding):
        """Returns the output and the weights [batch, n_heads, length, source length]."""
        q = self.heads(self.crossattention["q_attn"](x))
        k, v = (self.heads(t) for t in self.crossattention["c_attn"](encoded).chunk(2, dim=2))
        weights = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3]) + padding).softmax(-1)
        return self.crossattention["c_proj"]((weights @ v).transpose(1, 2).reshape(x.shape)), weights

    def forward(self, x, mask, encoded, padding):
        x = x + self.attention(self.ln_1(x), mask)
        branch, weights = self.cross_attention(self.ln_cross_attn(x), encoded, padding)
        x = x + branch
        return x + self.mlp["c_proj"](GeluNew.apply(self.mlp["c_fc"](self.ln_2(x)))), weights


class Side(nn.Module):
    """What encoder and decoder share: embeddings, blocks, the final norm."""

    def __init__(self, n_vocab, n_ctx, d_model, blocks):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(n_vocab, d_model), nn.Embedding(n_ctx, d_model)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)
        self.h = nn.ModuleList(blocks)
        self.ln_f = nn.LayerNorm(d_model)

    def embed(self, ids):
        """Returns the embeddings [batch, length, d_model] and the causal mask [length, length]."""
        length = ids.shape[1]
        mask = torch.full((length, length), float("-inf"), dtype=self.wte.weight.dtype).triu(1)
        return self.wte(ids) + self.wpe.weight[:length], mask


class EncoderDecoder(nn.Module):
    def __init__(self, n_vocab, n_source, n_target, d_model, n_heads, n_encoder_layers, n_decoder_layers):
        super().__init__()
        both = {"vocab_size": n_vocab, "n_embd": d_model, "n_head": n_heads}
        self.sizes = {"encoder": {**both, "n_positions": n_source, "n_layer": n_encoder_layers},
                      "decoder": {**both, "n_positions": n_target, "n_layer": n_decoder_layers}}
        self.encoder = Side(n_vocab, n_source, d_model,
                            [Block(d_model, n_heads, n_encoder_layers, 0) for _ in range(n_encoder_layers)])
        self.decoder = Side(n_vocab, n_target, d_model,
                            [CrossBlock(d_model, n_heads, n_decoder_layers) for _ in range(n_decoder_layers)])

    def encode(self, source):
        x, mask = self.encoder.embed(source)
        for block in self.encoder.h:
            x = block(x, mask)
        return self.encoder.ln_f(x)

    def decode(self, target, encoded, is_padding):
        """Returns the logits and each layer's cross-attention weights. is_padding [batch, source length], bool."""
        x, mask = self.decoder.embed(target)
        padding = torch.zeros(is_padding.shape, dtype=x.dtype).masked_fill(is_padding, float("-inf"))[:, None, None]
        rows = []
        for block in self.decoder.h:
            x, weights = block(x, mask, encoded, padding)
            rows.append(weights)
        return F.linear(self.decoder.ln_f(x), self.decoder.wte.weight), rows

    @torch.no_grad()
    def greedy(self, source, is_padding, start, end, longest):
        """The most likely ids [batch, at most longest] after start, until every row has had its end; and the weights."""
        encoded = self.encode(source)
        target = torch.full((len(source), 1), start)
        while True:
            logits, rows = self.decode(target, encoded, is_padding)
            target = torch.cat([target, logits[:, -1:].argmax(-1)], dim=1)
            if target.shape[1] > longest or (target == end).any(1).all():
                return target[:, 1:], rows

    def n_parameters(self):
        return sum(p.numel() for p in self.parameters())


def stored_name(name):
    """The decoder is a GPT2LMHeadModel, whose blocks are one level deeper."""
    return name.replace("decoder.", "decoder.transformer.", 1) if name.startswith("decoder.") else name


def import_(folder, dtype=torch.float32):
    """The model that export() wrote."""
    config = json.loads((folder / "config.json").read_text())
    encoder, decoder = config["encoder"], config["decoder"]
    model = EncoderDecoder(encoder["vocab_size"], encoder["n_positions"], decoder["n_positions"], encoder["n_embd"],
                           encoder["n_head"], encoder["n_layer"], decoder["n_layer"]).to(dtype)
    weights = safetensors.load(folder / "model.safetensors")
    model.load_state_dict({name: torch.tensor(weights[stored_name(name)].astype(numpy.float64)).to(dtype)
                           for name in model.state_dict()})
    return model.eval()


def export(model, folder, start, end):
    """Writes config.json and model.safetensors (F16) for the trained model."""
    common = {"model_type": "gpt2", "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05, "n_inner": None,
              "scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False, "tie_word_embeddings": True,
              "bos_token_id": start, "eos_token_id": end, "pad_token_id": end}
    config = {
        "architectures": ["EncoderDecoderModel"], "model_type": "encoder-decoder", "is_encoder_decoder": True,
        "encoder": {"architectures": ["GPT2Model"], **common, **model.sizes["encoder"]},
        "decoder": {"architectures": ["GPT2LMHeadModel"], **common, **model.sizes["decoder"], "is_decoder": True,
                    "add_cross_attention": True},
        "decoder_start_token_id": start, "bos_token_id": start, "eos_token_id": end, "pad_token_id": end,
        "torch_dtype": "float16",
    }
    with open(folder / "config.json", "w", encoding="utf-8") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    safetensors.save(folder / "model.safetensors", {stored_name(name): p.detach().numpy().astype(numpy.float16)
                                                    for name, p in model.named_parameters()})
