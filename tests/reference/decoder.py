"""The decoders that kvstep runs, in NumPy and double precision, straight from the published definitions: the independent
pass that core/ is held to. It shares nothing with core/.

    model = load(folder)
    record = model.forward(ids)                      one pass without a cache
    record = model.forward([id], cache=cache)        one step; cache = Cache(), which grows

A record holds logits [T, n_vocab], hidden_i [T, d_model] and attn_i [n_heads, T, n_src]; a model with cross-attention also
cross_attn_i. The cache holds k and v [n_kv_heads, n_src, d_head] of each layer, K as it is after rotation.
"""
import json
import math
import pathlib

import numpy

from rope import rotate
from weights import load_folder

erf = numpy.vectorize(math.erf)


def gelu_tanh(x):
    return 0.5 * x * (1 + numpy.tanh(numpy.sqrt(2 / numpy.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = {
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "gelu": lambda x: 0.5 * x * (1 + erf(x / math.sqrt(2))),
    "relu": lambda x: numpy.maximum(x, 0),
    "silu": lambda x: x / (1 + numpy.exp(-x)),
}


def softmax(scores):
    e = numpy.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def split_heads(x, n_heads):
    """[T, n_heads * d] to [n_heads, T, d]."""
    return x.reshape(len(x), n_heads, -1).transpose(1, 0, 2)


def attend(q, k, v, scale, mask):
    """q [n_heads, T, d], k and v [n_kv_heads, n_src, d], mask [T, n_src]; each KV head serves a run of query heads.

    Returns the heads side by side [T, n_heads * d] and the weights [n_heads, T, n_src]."""
    shared = len(q) // len(k)
    k, v = k.repeat(shared, axis=0), v.repeat(shared, axis=0)
    weights = softmax(numpy.where(mask, q @ k.transpose(0, 2, 1) * scale, -numpy.inf))
    return (weights @ v).transpose(1, 0, 2).reshape(q.shape[1], -1), weights


class Cache:
    def __init__(self):
        self.k, self.v, self.cross = {}, {}, {}

    def length(self):
        return self.k[0].shape[1] if self.k else 0

    def extend(self, layer, k, v):
        if layer in self.k:
            k, v = numpy.concatenate([self.k[layer], k], axis=1), numpy.concatenate([self.v[layer], v], axis=1)
        self.k[layer], self.v[layer] = k, v
        return k, v


class Decoder:
    """What the families share. A family gives: embed, norm, qkv, output, mlp, final, and the sizes."""

    embedding = ""  # its name, which tells whether the tensors' names have a prefix
    prefix = ""

    def __init__(self, config, tensors):
        self.config = config
        bare = self.embedding in tensors
        self.w = {name if bare else name.removeprefix(self.prefix): t.astype(numpy.float64) for name, t in tensors.items()}
        tied = config.get("tie_word_embeddings", self.tied)
        self.head = self.w.get(self.embedding if tied else "lm_head.weight")  # an untied encoder has none

    def window(self, layer):
        return None

    def mask(self, positions, layer):
        """True where the row's position may look: not ahead, and with a window of w at itself and the w - 1 before."""
        distance = positions[:, None] - numpy.arange(positions[-1] + 1)
        return (distance >= 0) & (distance < (self.window(layer) or math.inf))

    def forward(self, ids, cache=None, encoder=None):
        cache = cache or Cache()
        positions = cache.length() + numpy.arange(len(ids))
        x = self.embed(numpy.asarray(ids), positions)
        record = {"hidden_0": x}
        for layer in range(self.n_layers):
            q, k, v = self.qkv(self.norm(x, layer, 0), layer, positions)
            k, v = cache.extend(layer, k, v)
            heads, record[f"attn_{layer}"] = attend(q, k, v, self.scale(layer), self.mask(positions, layer))
            x = x + self.output(heads, layer)
            if encoder is not None:
                branch, record[f"cross_attn_{layer}"] = self.cross(x, layer, cache, encoder)
                x = x + branch
            x = x + self.mlp(self.norm(x, layer, 1), layer)
            record[f"hidden_{layer + 1}"] = x
        x = self.final(x)
        record[f"hidden_{self.n_layers}"] = x
        if self.head is not None:
            record["logits"] = x @ self.head.T
        return record


class Gpt2(Decoder):
    embedding, prefix, tied, activation = "wte.weight", "transformer.", True, "gelu_new"

    def __init__(self, config, tensors):
        super().__init__(config, tensors)
        self.n_layers, self.n_heads, self.d_model = config["n_layer"], config["n_head"], config["n_embd"]
        self.d_head = self.d_model // self.n_heads
        self.act = ACTIVATIONS[config.get("activation_function", self.activation)]

    def scale(self, layer):
        scale = self.d_head**-0.5 if self.config.get("scale_attn_weights", True) else 1.0
        return scale / (layer + 1) if self.config.get("scale_attn_by_inverse_layer_idx", False) else scale

    def linear(self, x, name):
        return x @ self.w[name + ".weight"] + self.w[name + ".bias"]

    def layer_norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        root = numpy.sqrt((centred**2).mean(-1, keepdims=True) + self.config.get("layer_norm_epsilon", 1e-5))
        return centred / root * self.w[name + ".weight"] + self.w[name + ".bias"]

    def embed(self, ids, positions):
        return self.w["wte.weight"][ids] + self.w["wpe.weight"][positions]

    def norm(self, x, layer, which):
        return self.layer_norm(x, f"h.{layer}.ln_{which + 1}")

    def final(self, x):
        return self.layer_norm(x, "ln_f")

    def qkv(self, x, layer, positions):
        parts = numpy.split(self.linear(x, f"h.{layer}.attn.c_attn"), 3, axis=1)
        return [split_heads(part, self.n_heads) for part in parts]

    def output(self, heads, layer):
        return self.linear(heads, f"h.{layer}.attn.c_proj")

    def mlp(self, x, layer):
        return self.linear(self.act(self.linear(x, f"h.{layer}.mlp.c_fc")), f"h.{layer}.mlp.c_proj")

    def cross(self, x, layer, cache, encoder):
        """Keys and values of the encoder's output are computed at the first step and kept. Nothing is masked."""
        name = f"h.{layer}.crossattention."
        if layer not in cache.cross:
            parts = numpy.split(self.linear(encoder, name + "c_attn"), 2, axis=1)
            cache.cross[layer] = [split_heads(part, self.n_heads) for part in parts]
        k, v = cache.cross[layer]
        q = split_heads(self.linear(self.layer_norm(x, f"h.{layer}.ln_cross_attn"), name + "q_attn"), self.n_heads)
        heads, weights = attend(q, k, v, self.scale(layer), numpy.ones((len(x), k.shape[1]), bool))
        return self.linear(heads, name + "c_proj"), weights


class GptBigCode(Gpt2):
    """GPT-2's blocks with weights [out, in]. Many-headed, each head's q, k and v lie together: q0 k0 v0 q1 k1 v1 ..."""

    activation = "gelu_pytorch_tanh"

    def scale(self, layer):
        return self.d_head**-0.5 if self.config.get("scale_attn_weights", True) else 1.0

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def qkv(self, x, layer, positions):
        joined = self.linear(x, f"h.{layer}.attn.c_attn")
        if not self.config.get("multi_query", True):
            return numpy.split(split_heads(joined, self.n_heads), 3, axis=2)
        q, k, v = numpy.split(joined, [self.d_model, self.d_model + self.d_head], axis=1)
        return split_heads(q, self.n_heads), k[None], v[None]


class Llama(Decoder):
    """Llama, Mistral, Qwen2 and Qwen3. Biases are added wherever the family's config says that there are some."""

    embedding, prefix, tied = "embed_tokens.weight", "model.", False

    def __init__(self, config, tensors):
        super().__init__(config, tensors)
        self.family = config["model_type"]
        self.n_layers, self.n_heads = config["num_hidden_layers"], config["num_attention_heads"]
        absent = {"llama": None, "mistral": 8, "qwen2": 32, "qwen3": 32}[self.family]
        self.n_kv_heads = config.get("num_key_value_heads", absent) or self.n_heads
        absent = 128 if self.family == "qwen3" else None
        self.d_head = config.get("head_dim", absent) or config["hidden_size"] // self.n_heads
        self.act = ACTIVATIONS[config.get("hidden_act", "silu")]

    def scale(self, layer):
        return self.d_head**-0.5

    def window(self, layer):
        config = self.config
        if self.family == "mistral":
            return config.get("sliding_window", 4096)
        if self.family == "llama" or not config.get("use_sliding_window", False):
            return None
        types = config.get("layer_types")
        slides = types[layer] == "sliding_attention" if types else layer >= config.get("max_window_layers", 28)
        return config.get("sliding_window", 4096) if slides else None

    def has_bias(self, module):
        if self.family == "qwen2":
            return module in ("q_proj", "k_proj", "v_proj")
        if self.family == "mistral":
            return False
        if module in ("gate_proj", "up_proj", "down_proj"):
            return self.family == "llama" and self.config.get("mlp_bias", False)
        return self.config.get("attention_bias", False)

    def linear(self, x, name):
        y = x @ self.w[name + ".weight"].T
        return y + self.w[name + ".bias"] if self.has_bias(name.split(".")[-1]) else y

    def rms_norm(self, x, name):
        root = numpy.sqrt((x**2).mean(-1, keepdims=True) + self.config.get("rms_norm_eps", 1e-6))
        return x / root * self.w[name + ".weight"]

    def embed(self, ids, positions):
        return self.w["embed_tokens.weight"][ids]

    def norm(self, x, layer, which):
        return self.rms_norm(x, f"layers.{layer}." + ("input_layernorm", "post_attention_layernorm")[which])

    def final(self, x):
        return self.rms_norm(x, "norm")

    def qkv(self, x, layer, positions):
        name = f"layers.{layer}.self_attn."
        q = split_heads(self.linear(x, name + "q_proj"), self.n_heads)
        k, v = (split_heads(self.linear(x, name + part), self.n_kv_heads) for part in ("k_proj", "v_proj"))
        if self.family == "qwen3":
            q, k = self.rms_norm(q, name + "q_norm"), self.rms_norm(k, name + "k_norm")
        return rotate(q, positions, self.config), rotate(k, positions, self.config), v

    def output(self, heads, layer):
        return self.linear(heads, f"layers.{layer}.self_attn.o_proj")

    def mlp(self, x, layer):
        name = f"layers.{layer}.mlp."
        gated = self.act(self.linear(x, name + "gate_proj")) * self.linear(x, name + "up_proj")
        return self.linear(gated, name + "down_proj")


class EncoderDecoder:
    """Two GPT-2s. The encoder, too, is causal; a decoder of another width sees its output through a projection."""

    def __init__(self, config, tensors):
        def part(prefix):
            return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}

        self.config = config
        self.encoder = Gpt2(config["encoder"], part("encoder."))
        self.decoder = Gpt2(config["decoder"], part("decoder."))
        self.projection = part("enc_to_dec_proj.")

    def encode(self, source):
        """Returns the encoder's record and what the decoder sees of it."""
        record = self.encoder.forward(source)
        seen = record[f"hidden_{self.encoder.n_layers}"]
        if self.encoder.d_model != self.decoder.d_model:
            weight, bias = (self.projection[part].astype(numpy.float64) for part in ("weight", "bias"))
            seen = seen @ weight.T + bias
        return record, seen


FAMILIES = {
    "gpt2": Gpt2, "gpt_bigcode": GptBigCode, "llama": Llama, "mistral": Llama, "qwen2": Llama, "qwen3": Llama,
    "encoder-decoder": EncoderDecoder,
}


def load(folder):
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    return FAMILIES[config["model_type"]](config, load_folder(folder))
