#!/usr/bin/env python3
"""Trains the model that reads dates: an encoder-decoder at characters, from texts that written_dates.py makes.

    python3 models/train/dates.py --work /tmp/dates --out models/dates

Everything is seeded. --work keeps a checkpoint every few hundred steps and log.jsonl; the same command started again
goes on from there. Every step sees new texts; the held-out dates are never among them, in any form.
"""
import argparse
import json
import pathlib
import time

import large_blocks

if __name__ == "__main__":
    large_blocks.keep()

import torch
from torch.nn import functional as F

import characters
import checkpoint
import encoder_decoder
import written_dates
from muon import Muon

N_SOURCE = written_dates.MAX_CHARACTERS + 1
N_TARGET = 16
LONGEST = 11  # of a date and its </s>
N_PARTS = 4  # of a step's texts, by length: short ones are not padded to the longest


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, type=pathlib.Path, help="folder for the checkpoint and the log")
    parser.add_argument("--out", type=pathlib.Path, help="model folder to write at the end")
    parser.add_argument("--encoder-layers", type=int, default=1)
    parser.add_argument("--decoder-layers", type=int, default=1)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--batch", type=int, default=256, help="texts per step")
    parser.add_argument("--lr", type=float, default=0.02, help="Muon's; AdamW's for the rest is --adam-lr")
    parser.add_argument("--adam-lr", type=float, default=0.004)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evaluate-every", type=int, default=250)
    return parser.parse_args()


def sources(texts):
    """Returns the ids [n, longest], <s> before each text, and where they are padding."""
    rows = [[characters.START_ID] + characters.encode(text) for text in texts]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [characters.END_ID] * (longest - len(row)) for row in rows])
    return ids, ids == characters.END_ID


def targets(dates):
    """Returns [n, 12]: <s>, the ten characters of an ISO date, </s>."""
    return torch.tensor([[characters.START_ID] + characters.encode(date) + [characters.END_ID] for date in dates])


@torch.no_grad()
def answers(model, texts, batch=500):
    """What the model writes for each text, greedily."""
    out = []
    for i in range(0, len(texts), batch):
        ids, is_padding = sources(texts[i:i + batch])
        rows, _ = model.greedy(ids, is_padding, characters.START_ID, characters.END_ID, LONGEST)
        for row in rows.tolist():
            end = row.index(characters.END_ID) if characters.END_ID in row else len(row)
            out.append(characters.decode(row[:end]))
    return out


def exactness(model, examples):
    """The share of texts that become their date, all ten characters of it."""
    given = answers(model, [text for _, text, _ in examples])
    return sum(answer == date for answer, (_, _, date) in zip(given, examples)) / len(examples)


def optimisers(model, args):
    tables = [table.weight for side in (model.encoder, model.decoder) for table in (side.wte, side.wpe)]
    matrices = [p for side in (model.encoder, model.decoder) for p in side.h.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    adam = torch.optim.AdamW([{"params": tables, "weight_decay": args.weight_decay},
                              {"params": vectors, "weight_decay": 0.0}], lr=args.adam_lr, betas=(0.9, 0.95))
    return [Muon(matrices, args.lr, args.weight_decay), adam]


def learning_rate(step, n_steps):
    """Share of the full rate: a warm-up of 100 steps, flat, then a linear fall to 0 over the last 60%."""
    return min((step + 1) / 100, 1.0, (n_steps - step) / n_steps / 0.6)


class Run:
    def __init__(self, args):
        self.args = args
        args.work.mkdir(parents=True, exist_ok=True)
        torch.set_num_threads(1)  # at this size a second thread costs more than it does
        torch.manual_seed(args.seed)
        self.model = encoder_decoder.EncoderDecoder(len(characters.VOCABULARY), N_SOURCE, N_TARGET, args.width, args.heads,
                                                    args.encoder_layers, args.decoder_layers)
        self.optimisers = optimisers(self.model, args)
        self.held_out = written_dates.examples(1000, "watched", held_out=True)
        self.step, self.seconds = 0, 0.0
        self.checkpoint = args.work / "checkpoint.pt"
        if self.checkpoint.exists():
            self.restore()
        print(f"{self.model.n_parameters():,} parameters; step {self.step} of {args.steps}", flush=True)

    def restore(self):
        saved = checkpoint.restore(self.checkpoint, self.model, self.optimisers)
        self.step, self.seconds = saved["step"], saved["seconds"]

    def save(self):
        checkpoint.save(self.checkpoint, self.model, self.optimisers, step=self.step, seconds=self.seconds)

    def add_gradient(self, part):
        """Returns the part's share of the step's loss: a mean over all its texts' characters."""
        source, is_padding = sources([text for _, text, _ in part])
        target = targets([date for _, _, date in part])
        logits, _ = self.model.decode(target[:, :-1], self.model.encode(source), is_padding)
        loss = F.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten()) * len(part) / self.args.batch
        loss.backward()
        return loss.item()

    def learn(self):
        share = learning_rate(self.step, self.args.steps)
        for optimiser, rate in zip(self.optimisers, (self.args.lr, self.args.adam_lr)):
            for group in optimiser.param_groups:
                group["lr"] = rate * share
        batch = written_dates.examples(self.args.batch, f"{self.args.seed} {self.step}", held_out=False)
        batch.sort(key=lambda example: len(example[1]))
        self.model.zero_grad(set_to_none=True)
        size, total = -(-len(batch) // N_PARTS), 0.0
        for i in range(0, len(batch), size):
            total += self.add_gradient(batch[i:i + size])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        return total

    def evaluate(self, training_loss):
        entry = {"step": self.step, "texts": self.step * self.args.batch, "training_loss": training_loss,
                 "held_out_exact": exactness(self.model, self.held_out), "seconds": round(self.seconds)}
        with open(self.args.work / "log.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps(entry) + "\n")
        print(entry, flush=True)
        self.save()

    def train(self):
        smooth = None
        while self.step < self.args.steps:
            started = time.monotonic()
            loss = self.learn()
            self.seconds += time.monotonic() - started
            smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
            if self.step == self.args.steps or self.step % self.args.evaluate_every == 0:
                self.evaluate(smooth)

    def write_folder(self):
        self.args.out.mkdir(parents=True, exist_ok=True)
        encoder_decoder.export(self.model, self.args.out, characters.START_ID, characters.END_ID)
        characters.save(self.args.out)
        print(f"wrote {self.args.out}")


def main():
    run = Run(arguments())
    run.train()
    if run.args.out:
        run.write_folder()


if __name__ == "__main__":
    main()
