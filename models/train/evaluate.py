#!/usr/bin/env python3
"""The held-out loss of a model folder, as it ships: weights in F16, computed in float32.

    python3 models/train/evaluate.py --text TinyStories-train.txt models/story
"""
import argparse
import json
import pathlib

import torch

import corpus
import gpt2
import llama
from bpe import Bpe
from train import HeldOut


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="the text that the model was trained on: its held-out stories are used")
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    family = json.loads((args.folder / "config.json").read_text())["model_type"]
    model = {"gpt2": gpt2, "llama": llama}[family].import_(args.folder)
    _, stories = corpus.split_stories(corpus.read_stories(args.text))
    held_out = HeldOut(Bpe.load(args.folder / "tokenizer.json"), stories, model.n_ctx)
    per_token, per_byte = held_out.loss(model, bf16=False)
    print(f"{model.n_parameters():,} parameters; {len(stories):,} held-out stories, {held_out.n_tokens:,} tokens, "
          f"{held_out.n_bytes:,} bytes\n{per_token:.4f} nats per token, {per_byte:.4f} nats per byte")


if __name__ == "__main__":
    main()
