"""GPT-2 in NumPy, in double precision, straight from the formulas: the independent pass that the story model is held to.

It shares nothing with core/: no cache, no blocks, one sequence at a time.
"""
import json
import pathlib
import struct

import numpy

DTYPES = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64}


def load_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8:8 + n]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = numpy.frombuffer(raw[8 + n + begin:8 + n + end], DTYPES[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def save_safetensors(path, tensors):
    header, offset = {}, 0
    for name, array in tensors.items():
        dtype = next(key for key, value in DTYPES.items() if value == array.dtype)
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(numpy.ascontiguousarray(array).tobytes() for array in tensors.values())
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def layer_norm(x, weight, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / numpy.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * weight + bias


def gelu(x):
    return 0.5 * x * (1 + numpy.tanh(numpy.sqrt(2 / numpy.pi) * (x + 0.044715 * x**3)))


class Gpt2:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.config = json.loads((folder / "config.json").read_text())
        tensors = load_safetensors(folder / "model.safetensors")
        self.w = {name.removeprefix("transformer."): t.astype(numpy.float64) for name, t in tensors.items()}

    def attention(self, x, layer):
        """Returns (output [T, d_model], weights [n_heads, T, T], k and v [n_heads, T, d_head])."""
        w, prefix, n_heads = self.w, f"h.{layer}.attn.", self.config["n_head"]
        length, d_model = x.shape
        qkv = x @ w[prefix + "c_attn.weight"] + w[prefix + "c_attn.bias"]
        q, k, v = (part.reshape(length, n_heads, -1).transpose(1, 0, 2) for part in numpy.split(qkv, 3, axis=1))
        scores = numpy.einsum("hid,hjd->hij", q, k) / numpy.sqrt(d_model / n_heads)
        scores[:, numpy.triu(numpy.ones((length, length), bool), 1)] = -numpy.inf
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        heads = numpy.einsum("hij,hjd->ihd", weights, v).reshape(length, d_model)
        return heads @ w[prefix + "c_proj.weight"] + w[prefix + "c_proj.bias"], weights, k, v

    def forward(self, ids):
        """Returns the tensors of expected.safetensors for one pass over ids, without a cache."""
        w, out = self.w, {}
        x = w["wte.weight"][ids] + w["wpe.weight"][:len(ids)]
        out["hidden_0"] = x
        for layer in range(self.config["n_layer"]):
            p = f"h.{layer}."
            branch, weights, k, v = self.attention(layer_norm(x, w[p + "ln_1.weight"], w[p + "ln_1.bias"]), layer)
            x = x + branch
            normed = layer_norm(x, w[p + "ln_2.weight"], w[p + "ln_2.bias"])
            hidden = gelu(normed @ w[p + "mlp.c_fc.weight"] + w[p + "mlp.c_fc.bias"])
            x = x + hidden @ w[p + "mlp.c_proj.weight"] + w[p + "mlp.c_proj.bias"]
            out |= {f"full_attn_{layer}": weights, f"k_{layer}": k, f"v_{layer}": v, f"hidden_{layer + 1}": x}
        x = layer_norm(x, w["ln_f.weight"], w["ln_f.bias"])
        out[f"hidden_{self.config['n_layer']}"] = x
        out["full_logits"] = x @ w["wte.weight"].T
        return out
