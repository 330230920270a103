"""Computes tests/golden/story/expected.safetensors: what models/story gives by the independent pass in gpt2.py."""
import pathlib
import sys

import numpy

from gpt2 import Gpt2, save_safetensors

ROOT = pathlib.Path(__file__).resolve().parents[2]
N_PROMPT, N_TOKENS = 6, 24


def main():
    model = Gpt2(ROOT / "models/story")
    n_vocab, n_ctx = model.config["vocab_size"], model.config["n_positions"]
    random = numpy.random.default_rng(1)
    prompt = numpy.concatenate([[model.config["bos_token_id"]], random.integers(n_vocab, size=N_PROMPT - 1)])
    tokens = prompt
    while len(tokens) < N_TOKENS:
        tokens = numpy.append(tokens, model.forward(tokens)["full_logits"][-1].argmax())
    expected = model.forward(tokens)
    # The longest text that the model takes, and its last row alone: every learned position is used.
    longest = random.integers(n_vocab, size=n_ctx)
    expected["longest_logits"] = model.forward(longest)["full_logits"][-1:]
    expected = {name: array.astype(numpy.float32) for name, array in expected.items()}
    expected |= {"prompt": prompt, "tokens": tokens, "longest": longest}
    folder = ROOT / "tests/golden/story"
    folder.mkdir(parents=True, exist_ok=True)
    save_safetensors(folder / "expected.safetensors", expected)
    print(f"wrote {folder / 'expected.safetensors'}", file=sys.stderr)


if __name__ == "__main__":
    main()
