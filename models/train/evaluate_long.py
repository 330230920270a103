#!/usr/bin/env python3
"""What a Llama predicts of texts longer than its cache: a window of the newest tokens, with and without attention sinks.

    python3 models/train/evaluate_long.py --text TinyStories-train.txt models/story-sink

Each text is <|endoftext|> and held-out stories with a newline between them. A cache of --window slots holds the current
token, the newest ones and, as sinks, the first ones; positions count slots, not tokens (Xiao et al. 2023). Re-computation
passes over the same tokens afresh at every step, so that nothing in its K and V has seen a token that left. Differences are
of the same tokens' nats, with their standard error.
"""
import argparse
import pathlib
import random

import torch
from torch.nn import functional as F

import corpus
import llama
from bpe import Bpe

ROWS_AT_ONCE = 240


def texts(bpe, stories, n_texts, length):
    """[n_texts, length + 1]"""
    stories = iter(random.Random(7).sample(stories, len(stories)))
    rows = []
    for _ in range(n_texts):
        ids = [bpe.end_of_text]
        while len(ids) < length + 1:
            ids += bpe.encode(next(stories) + "\n")
        rows.append(ids[:length + 1])
    return torch.tensor(rows)


def slots(row, window, n_sinks):
    """The tokens that the cache holds when the row's token has been added."""
    if row < window:
        return list(range(row + 1))
    return list(range(n_sinks)) + list(range(row + 1 - window + n_sinks, row + 1))


class Cache:
    """K and V of one layer for every token so far, K before its rotation: what was evicted is only not read."""

    def __init__(self, block, n_texts, length):
        self.block = block
        self.k = torch.empty(n_texts, block.n_kv_heads, length, block.d_head)
        self.v = torch.empty_like(self.k)

    def attention(self, x, row, held, cos, sin):
        """x [n_texts, 1, d_model] -> the same, from the tokens held, the last of which is the row's own."""
        block, n = self.block, len(held)
        self.k[:, :, row:row + 1] = block.heads("k_proj", x, block.n_kv_heads)
        self.v[:, :, row:row + 1] = block.heads("v_proj", x, block.n_kv_heads)
        group = block.n_heads // block.n_kv_heads
        k = llama.rotate(self.k[:, :, held], cos[:n], sin[:n]).repeat_interleave(group, dim=1)
        v = self.v[:, :, held].repeat_interleave(group, dim=1)
        q = llama.rotate(block.heads("q_proj", x, block.n_heads), cos[n - 1], sin[n - 1])
        weights = (q @ k.transpose(2, 3) * block.d_head ** -0.5).softmax(-1)
        return block.self_attn["o_proj"]((weights @ v).transpose(1, 2).flatten(2))


def evicting(model, ids, window, n_sinks):
    """Nats [n_texts, length] of each next token, one token after another."""
    n_texts, length = ids.shape[0], ids.shape[1] - 1
    caches = [Cache(block, n_texts, length) for block in model.blocks]
    cos, sin = llama.rotation(length, model.sizes["head_dim"])
    nats = []
    for row in range(length):
        held = slots(row, window, n_sinks)
        x = model.embed_tokens(ids[:, row:row + 1])
        for cache in caches:
            block = cache.block
            x = x + cache.attention(block.input_layernorm(x), row, held, cos, sin)
            x = x + block.feed_forward(x)
        nats.append(F.cross_entropy(model.logits(x)[:, 0], ids[:, row + 1], reduction="none"))
    return torch.stack(nats, dim=1)


def recomputing(model, ids, window, n_sinks):
    """As evicting(), each row by a pass of its own over the tokens that the cache would hold."""
    n_texts, length = ids.shape[0], ids.shape[1] - 1
    logits = [model(ids[:, :window])]
    held = torch.tensor([slots(row, window, n_sinks) for row in range(window, length)])
    for rows in held.split(ROWS_AT_ONCE // n_texts):
        last = model(ids[:, rows].flatten(0, 1))[:, -1]
        logits.append(last.view(n_texts, len(rows), -1))
    return F.cross_entropy(torch.cat(logits, dim=1).transpose(1, 2), ids[:, 1:], reduction="none")


def weight_on_first(model, ids):
    """Mean over texts and heads, and over the second half of the context's rows, for each layer."""
    model(ids[:, :model.n_ctx])
    return [weight[..., model.n_ctx // 2:].mean().item() for weight in model.weights_on_first()]


def show(name, nats, reference, parts):
    line = f"{name:28}"
    for first, end in parts:
        difference = (nats - reference)[:, first:end].flatten()
        error = difference.std() / len(difference) ** 0.5
        line += f"  {nats[:, first:end].mean():.3f} ({difference.mean():+.3f} ± {error:.3f})"
    print(line, flush=True)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="the text that the model was trained on: its held-out stories are used")
    parser.add_argument("--window", type=int, default=64, help="slots of the cache")
    parser.add_argument("--texts", type=int, default=6)
    parser.add_argument("--length", type=int, default=800, help="tokens predicted of each text")
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    model, window = llama.import_(args.folder), args.window
    _, stories = corpus.split_stories(corpus.read_stories(args.text))
    ids = texts(Bpe.load(args.folder / "tokenizer.json"), stories, args.texts, args.length)

    weights = "  ".join(f"{weight:.3f}" for weight in weight_on_first(model, ids))
    print(f"weight on token 0, rows {model.n_ctx // 2}–{model.n_ctx - 1}, layer by layer: {weights}")
    parts = [(window, model.n_ctx), (model.n_ctx, 2 * model.n_ctx), (2 * model.n_ctx, args.length), (window, args.length)]
    print(f"nats per token, rows {', '.join(f'{first}–{end - 1}' for first, end in parts)}; "
          "in brackets the difference to 1 sink + re-computation")
    reference = recomputing(model, ids, window, 1)
    show("1 sink + re-computation", reference, reference, parts)
    show("re-computation", recomputing(model, ids, window, 0), reference, parts)
    show("window", evicting(model, ids, window, 0), reference, parts)
    for n_sinks in (1, 4):
        show(f"{n_sinks} sink{'s' if n_sinks > 1 else ''}", evicting(model, ids, window, n_sinks), reference, parts)
    show("full cache", evicting(model, ids, args.length, 0), reference, parts)


if __name__ == "__main__":
    main()
