"""The tensors of an expected.safetensors by the reference decoder: see tests/golden/README.md for their names."""
import numpy

from decoder import Cache, EncoderDecoder


def greedy(decoder, prompt, n_new, encoder=None):
    """The prompt and n_new tokens more, each the likeliest."""
    tokens = list(prompt)
    for _ in range(n_new):
        tokens.append(int(decoder.forward(tokens, encoder=encoder)["logits"][-1].argmax()))
    return numpy.array(tokens)


def encode(model, inputs):
    """Returns the decoder, what it sees of the encoder (None without one) and the encoder's own tensors."""
    if not isinstance(model, EncoderDecoder):
        return model, inputs.get("encoder"), {}
    record, seen = model.encode(inputs["source"])
    out = {f"encoder_attn_{i}": record[f"attn_{i}"] for i in range(model.encoder.n_layers)}
    return model.decoder, seen, out | {"encoder_output": record[f"hidden_{model.encoder.n_layers}"]}


def one_by_one(decoder, tokens, encoder):
    """One-token steps with a cache. Returns step_logits, step_attn_i (zero right of the diagonal) and the cache."""
    cache, logits, n = Cache(), [], len(tokens)
    attention = {f"step_attn_{i}": numpy.zeros((decoder.n_heads, n, n)) for i in range(decoder.n_layers)}
    for t, token in enumerate(tokens):
        record = decoder.forward([token], cache, encoder)
        logits.append(record["logits"][0])
        for i in range(decoder.n_layers):
            attention[f"step_attn_{i}"][:, t, :t + 1] = record[f"attn_{i}"][:, 0]
    out = {"step_logits": numpy.array(logits)} | attention
    for i in range(decoder.n_layers):
        out |= {f"k_{i}": cache.k[i], f"v_{i}": cache.v[i]}
        if i in cache.cross:
            out |= dict(zip((f"cross_k_{i}", f"cross_v_{i}"), cache.cross[i]))
    return out


def compute(model, inputs, n_new):
    """inputs: prompt, and encoder or source where the model has cross-attention."""
    decoder, encoder, out = encode(model, inputs)
    tokens = greedy(decoder, inputs["prompt"], n_new, encoder)
    record = decoder.forward(tokens, encoder=encoder)
    for i in range(decoder.n_layers):
        record[f"full_attn_{i}"] = record.pop(f"attn_{i}")
    record["full_logits"] = record.pop("logits")
    return record | out | one_by_one(decoder, tokens, encoder) | {"tokens": tokens}
