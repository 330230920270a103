#!/usr/bin/env python3
"""The dates model as it ships (F16 weights, computed in float32, greedy): how often it is right, form by form, and where it
is not; or, with a text, which letters each character of the answer looks at.

    python3 models/train/evaluate_dates.py models/dates
    python3 models/train/evaluate_dates.py models/dates "Tue 3rd of March, 2026"
"""
import argparse
import collections
import pathlib

import torch

import characters
import dates
import encoder_decoder
import written_dates

N_EXAMPLES = 20000


def report(model, n):
    """Prints the share of exact answers by form, and the first texts that are misread."""
    examples = written_dates.examples(n, "held out", held_out=True)
    given = dates.answers(model, [text for _, text, _ in examples])
    total, right, wrong = collections.Counter(), collections.Counter(), []
    for answer, (form, text, date) in zip(given, examples):
        total[form] += 1
        right[form] += answer == date
        if answer != date:
            wrong.append(f"{form:24} {text!r} is {date}, read as {answer}")
    for form in total:
        print(f"{form:24} {right[form]:6,} of {total[form]:6,}  {100 * right[form] / total[form]:.2f}%")
    print(f"{'all':24} {sum(right.values()):6,} of {n:6,}  {100 * sum(right.values()) / n:.2f}%")
    print("\n".join(wrong[:40]))


def show(model, text):
    """Prints, layer by layer and head by head, the cross-attention weights in tenths: a row for each character written."""
    source, is_padding = dates.sources([text])
    ids, rows = model.greedy(source, is_padding, characters.START_ID, characters.END_ID, dates.LONGEST)
    written = [characters.VOCABULARY[i] for i in ids[0].tolist()]
    print(characters.decode(ids[0].tolist()))
    for layer, weights in enumerate(rows):
        for head, row in enumerate(weights[0]):
            print(f"layer {layer} head {head}\n      {characters.START} {text}")
            for character, row in zip(written, row):
                tenths = ["·" if w < 0.05 else str(min(9, round(10 * w))) for w in row.tolist()]
                print(f"{character:>4}  {tenths[0]:>3} {''.join(tenths[1:])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("text", nargs="?", help="show the cross-attention of this text instead")
    parser.add_argument("-n", type=int, default=N_EXAMPLES, help="held-out texts to measure")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = encoder_decoder.import_(args.folder)
    if args.text is None:
        report(model, args.n)
    else:
        show(model, args.text)


if __name__ == "__main__":
    main()
