"""Holds the reference decoder against folders with expected outputs: prints the largest difference by kind of tensor.

    python3 tests/reference/check_golden.py tests/golden
"""
import pathlib
import re
import sys

import numpy

import decoder
import expected
from weights import load_file

TOLERANCE = 2e-5
GIVEN = ("prompt", "source", "encoder")


def check(folder):
    """Returns {kind: largest difference}, the layers of a kind together."""
    want = load_file(folder / "expected.safetensors")
    model = decoder.load(folder)
    inputs = {name: want[name] for name in GIVEN if name in want}
    got = expected.compute(model, inputs, len(want["tokens"]) - len(want["prompt"]))
    worst = {}
    for name in want.keys() - set(GIVEN):
        if got[name].shape != want[name].shape:
            sys.exit(f"{folder}: {name} is {got[name].shape}, expected {want[name].shape}")
        kind = re.sub(r"_\d+$", "", name)
        worst[kind] = max(worst.get(kind, 0), float(numpy.abs(got[name] - want[name]).max()))
    return worst


def main():
    ok = True
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*/config.json")):
        worst = check(path.parent)
        ok = ok and max(worst.values()) < TOLERANCE
        print(f"{path.parent.name:20}", "  ".join(f"{kind} {worst[kind]:.1e}" for kind in sorted(worst)))
    sys.exit(0 if ok else "the reference differs")


if __name__ == "__main__":
    main()
