"""Computes tests/golden/story/expected.safetensors: what models/story gives by the reference decoder."""
import pathlib
import sys

import numpy

import decoder
from expected import greedy
from weights import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
N_PROMPT, N_TOKENS = 6, 24


def main():
    model = decoder.load(ROOT / "models/story")
    n_vocab, n_ctx = model.config["vocab_size"], model.config["n_positions"]
    random = numpy.random.default_rng(1)
    prompt = numpy.concatenate([[model.config["bos_token_id"]], random.integers(n_vocab, size=N_PROMPT - 1)])
    tokens = greedy(model, prompt, N_TOKENS - N_PROMPT)
    cache = decoder.Cache()
    expected = model.forward(tokens, cache)
    for i in range(model.n_layers):
        expected |= {f"full_attn_{i}": expected.pop(f"attn_{i}"), f"k_{i}": cache.k[i], f"v_{i}": cache.v[i]}
    expected["full_logits"] = expected.pop("logits")
    # The longest text that the model takes, and its last row alone: every learned position is used.
    longest = random.integers(n_vocab, size=n_ctx)
    expected["longest_logits"] = model.forward(longest)["logits"][-1:]
    expected = {name: array.astype(numpy.float32) for name, array in expected.items()}
    expected |= {"prompt": prompt, "tokens": tokens, "longest": longest}
    folder = ROOT / "tests/golden/story"
    save_file(folder / "expected.safetensors", expected)
    print(f"wrote {folder / 'expected.safetensors'}", file=sys.stderr)


if __name__ == "__main__":
    main()
