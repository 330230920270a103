"""Rotary positions (RoPE) and the ways in which published checkpoints stretch them, from their papers' formulas.

A head's element i and element i + d/2 are one pair; at position p it turns by the angle p·f_i. Plainly f_i = θ^(-2i/d).
"""
import math

import numpy


def parameters(config):
    """The settings in one dict: the newer rope_parameters, or the older rope_theta and rope_scaling."""
    found = dict(config.get("rope_scaling") or config.get("rope_parameters") or {})
    found.setdefault("rope_theta", config.get("rope_theta", 10000.0))
    found.setdefault("rope_type", found.get("type", "default"))
    return found


def linear(f, rope, config, n):
    return f / rope["factor"]


def dynamic(f, rope, config, n):
    """θ grows with the sequence as soon as that is longer than the model was trained for."""
    d, factor = 2 * len(f), rope["factor"]
    longest = config["max_position_embeddings"]
    stretch = factor * max(n, longest) / longest - (factor - 1)
    return plain(rope["rope_theta"] * stretch ** (d / (d - 2)), d)


def llama3(f, rope, config, n):
    """Pairs that turn often within the original context stay, those that turn seldom slow down; between lies a bridge."""
    turns = rope["original_max_position_embeddings"] * f / (2 * math.pi)
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    keep = numpy.clip((turns - low) / (high - low), 0, 1)
    return f * keep + f / rope["factor"] * (1 - keep)


def yarn(f, rope, config, n):
    """As llama3, but the bridge is linear in the pair's index."""
    d, theta = 2 * len(f), rope["rope_theta"]
    length = rope.get("original_max_position_embeddings") or config["max_position_embeddings"]

    def index_with(turns):
        return d * math.log(length / (turns * 2 * math.pi)) / (2 * math.log(theta))

    low, high = index_with(rope.get("beta_fast") or 32), index_with(rope.get("beta_slow") or 1)
    if rope.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, d - 1)
    slow = numpy.clip((numpy.arange(d // 2) - low) / (high - low or 0.001), 0, 1)
    return f / rope["factor"] * slow + f * (1 - slow)


def attention_factor(rope):
    """What yarn multiplies cosine and sine with: its scores are sharper by the square."""
    if rope["rope_type"] != "yarn":
        return 1.0
    if rope.get("attention_factor") is not None:
        return rope["attention_factor"]

    def mscale(k):
        return 0.1 * k * math.log(rope["factor"]) + 1 if rope["factor"] > 1 else 1.0

    if rope.get("mscale") and rope.get("mscale_all_dim"):
        return mscale(rope["mscale"]) / mscale(rope["mscale_all_dim"])
    return mscale(1)


def plain(theta, d):
    return theta ** (-numpy.arange(0, d, 2) / d)


TYPES = {"default": lambda f, rope, config, n: f, "linear": linear, "dynamic": dynamic, "llama3": llama3, "yarn": yarn}


def rotate(x, positions, config):
    """x [n_heads, T, d] turned by its positions [T]."""
    rope, d = parameters(config), x.shape[-1]
    f = TYPES[rope["rope_type"]](plain(rope["rope_theta"], d), rope, config, positions.max() + 1)
    angles = positions[:, None] * f
    cos, sin = numpy.cos(angles) * attention_factor(rope), numpy.sin(angles) * attention_factor(rope)
    first, second = x[..., :d // 2], x[..., d // 2:]
    return numpy.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)
