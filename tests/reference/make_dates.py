"""Computes tests/golden/dates/*/expected.safetensors: what models/dates gives by the reference decoder, a folder for each source."""
import pathlib

import numpy

import decoder
from expected import compute
from weights import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {"march": "Tue 3rd of March, 2026", "slashes": "24/11/26", "words": "on the twenty-first of May, '99"}
FIRST_CHARACTER = 2  # the id of the space; printable ASCII follows in its order. Before it: 0 is <s>, 1 is </s>
N_NEW = 11  # ten characters and </s>


def main():
    model = decoder.load(ROOT / "models/dates")
    folder = ROOT / "tests/golden/dates"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SOURCES.items():
        inputs = {"prompt": numpy.array([0]), "source": numpy.array([0] + [ord(c) - 32 + FIRST_CHARACTER for c in text])}
        expected = {key: array.astype(numpy.int64 if key == "tokens" else numpy.float32)
                    for key, array in compute(model, inputs, N_NEW).items()}
        (folder / name).mkdir(parents=True, exist_ok=True)
        save_file(folder / name / "expected.safetensors", expected | inputs)
        print(text, "->", "".join(chr(i - FIRST_CHARACTER + 32) for i in expected["tokens"] if i >= FIRST_CHARACTER))


if __name__ == "__main__":
    main()
