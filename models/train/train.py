#!/usr/bin/env python3
"""Trains the models that write stories: a vocabulary, a decoder, and the folder that kvstep opens.

    python3 models/train/train.py --text TinyStories-train.txt --work /tmp/story --out models/story

--family llama trains a Llama decoder instead of a GPT-2. --from FOLDER takes a trained one with its vocabulary and goes on;
with --kv-heads it goes on with fewer KV heads, each the mean of those that it replaces.

--rest-on-first SHARE teaches a Llama to rest on token 0, as large models learn by themselves (Gu et al. 2024): the loss
falls by SHARE for each layer's mean weight on token 0, where a weight above 0.7 counts as 0.7. Its windows hold
<|endoftext|> as their first token or not at all.

Everything is seeded. --work keeps the vocabulary, a checkpoint every few hundred steps and log.jsonl; the same command
started again goes on from there. The best weights by held-out loss are what --out receives. The length of a run is
given as a budget of computation (--teraflops), so that models of different sizes can be compared at equal cost.
"""
import argparse
import json
import math
import pathlib
import sys
import time

import large_blocks

if __name__ == "__main__":
    large_blocks.keep()

import torch
from torch.nn import functional as F

import checkpoint
import corpus
import gpt2
import llama
from bpe import Bpe
from dropout import Dropout
from muon import Muon, can_use_bf16

MOST_ON_FIRST = 0.7


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="stories separated by <|endoftext|>")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="folder for checkpoints and the log")
    parser.add_argument("--out", type=pathlib.Path, help="model folder to write at the end")
    parser.add_argument("--family", choices=["gpt2", "llama"], default="gpt2")
    parser.add_argument("--from", dest="parent", type=pathlib.Path, help="folder of a Llama to start from")
    parser.add_argument("--rest-on-first", type=float, default=0.0, metavar="SHARE",
                        help="reward for each layer's weight on token 0, such as 0.3")
    parser.add_argument("--vocabulary", type=pathlib.Path, help="folder with the tokenizer.json to use; else one is trained")
    parser.add_argument("--vocab", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--kv-heads", type=int, help="of a Llama; as many as --heads unless told")
    parser.add_argument("--d-ff", type=int, default=512, help="width of a Llama's MLP; GPT-2's is 4 × --width")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--teraflops", type=float, default=567, help="budget of the whole run")
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16, help="windows per step")
    parser.add_argument("--lr", type=float, default=0.02, help="Muon's; AdamW's for the rest is --adam-lr")
    parser.add_argument("--adam-lr", type=float, default=0.004)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evaluate-every", type=int, default=500)
    return parser.parse_args()


def vocabulary(args, stories):
    given = args.vocabulary or args.parent
    if given:
        return Bpe.load(given / "tokenizer.json")
    path = args.work / "tokenizer.json"
    if not path.exists():
        print(f"training a vocabulary of {args.vocab}", flush=True)
        Bpe.train(stories, args.vocab).save(args.work)
    return Bpe.load(path)


class Windows:
    """Training windows of context + 1 tokens out of all stories laid end to end, <|endoftext|> before each.

    Three windows in four start with a story's <|endoftext|>, so that the model knows it as a first token and uses it;
    the fourth starts anywhere, so that the later parts of long stories are seen too.
    """

    def __init__(self, bpe, stories, args):
        tokens, self.starts = [], []
        for story in stories:
            self.starts.append(len(tokens))
            tokens += [bpe.end_of_text] + bpe.encode(story)
        tokens.append(bpe.end_of_text)
        self.tokens = torch.tensor(tokens)
        self.args = args
        self.last_start = len(tokens) - args.context - 1
        self.starts = torch.tensor([s for s in self.starts if s <= self.last_start])

    def batch(self, step):
        """The same windows for the same step, whether or not the run was interrupted before it."""
        generator = torch.Generator().manual_seed(self.args.seed * 1_000_003 + step)
        n = self.args.batch
        anywhere = torch.randint(self.last_start + 1, (n,), generator=generator)
        at_story = self.starts[torch.randint(len(self.starts), (n,), generator=generator)]
        begin = torch.where(torch.rand(n, generator=generator) < 0.75, at_story, anywhere)
        return self.cut(begin)

    def cut(self, begin):
        """Returns (ids, targets) of the windows that start there."""
        rows = torch.stack([self.tokens[b:b + self.args.context + 1] for b in begin.tolist()])
        return rows[:, :-1], rows[:, 1:]


class WindowsToRest(Windows):
    """Windows for a model that rests on token 0: three in four start with <|endoftext|>, and none holds it again.

    Two in four start with a story and one in four goes on inside one, so that the text after <|endoftext|> may be any
    part of a long text; the fourth starts anywhere without <|endoftext|>, so that the model can use another first token.
    Where a later story starts the model reads a newline, but still learns to predict <|endoftext|>: a second one in the
    text would be a second place to rest on.
    """

    def __init__(self, bpe, stories, args):
        super().__init__(bpe, stories, args)
        self.end_of_text = bpe.end_of_text
        [self.newline] = bpe.encode("\n")

    def batch(self, step):
        generator = torch.Generator().manual_seed(self.args.seed * 1_000_003 + step)
        n = self.args.batch
        anywhere = torch.randint(self.last_start + 1, (n,), generator=generator)
        at_story = self.starts[torch.randint(len(self.starts), (n,), generator=generator)]
        kind = torch.rand(n, generator=generator)
        ids, targets = self.cut(torch.where(kind < 0.5, at_story, anywhere))
        ids = torch.where(ids == self.end_of_text, self.newline, ids)
        ids[kind < 0.75, 0] = self.end_of_text
        return ids, targets


class HeldOut:
    """Loss on whole stories: each from its own <|endoftext|> to the next one, cut into windows where it is too long."""

    def __init__(self, bpe, stories, context):
        self.n_bytes = sum(len(story.encode()) for story in stories)
        self.windows = []
        for story in stories:
            ids = [bpe.end_of_text] + bpe.encode(story) + [bpe.end_of_text]
            self.windows += [ids[i:i + context + 1] for i in range(0, len(ids) - 1, context)]
        self.windows.sort(key=len)
        self.n_tokens = sum(len(w) - 1 for w in self.windows)

    @torch.no_grad()
    def loss(self, model, bf16):
        """Returns (nats per token, nats per byte)."""
        model.eval()
        total = 0.0
        for i in range(0, len(self.windows), 32):
            group = self.windows[i:i + 32]
            longest = max(map(len, group))
            ids = torch.tensor([w + [0] * (longest - len(w)) for w in group])
            targets = torch.tensor([w[1:] + [-100] * (longest - len(w)) for w in group])
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                logits = model(ids[:, :-1])
            total += F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum").item()
        model.train()
        return total / self.n_tokens, total / self.n_bytes


def new_model(args):
    if args.parent:
        return llama.with_fewer_kv_heads(llama.import_(args.parent), args.kv_heads, args.dropout)
    if args.family == "llama":
        return llama.Llama(args.vocab, args.context, args.width, args.heads, args.kv_heads or args.heads, args.d_ff,
                           args.layers, args.dropout)
    return gpt2.Gpt2(args.vocab, args.context, args.width, args.heads, args.layers, args.dropout)


def optimisers(model, args):
    tables = model.tables
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    adam = torch.optim.AdamW([{"params": tables, "weight_decay": args.weight_decay},
                              {"params": vectors, "weight_decay": 0.0}], lr=args.adam_lr, betas=(0.9, 0.95))
    return [Muon(matrices, args.lr, args.weight_decay), adam]


def learning_rate(step, n_steps):
    """Share of the full rate: a warm-up of 100 steps, flat, then a linear fall to 0 over the last 60%."""
    left = (n_steps - step) / n_steps
    return min((step + 1) / 100, 1.0, left / 0.6)


def rest_on_first(model):
    """The sum over layers of the mean weight on token 0, each weight up to 0.7."""
    return sum(weight.clamp(max=MOST_ON_FIRST).mean() for weight in model.weights_on_first())


class Run:
    def __init__(self, args):
        self.args = args
        args.work.mkdir(parents=True, exist_ok=True)
        training, held_out = corpus.split_stories(corpus.read_stories(args.text))
        self.bpe = vocabulary(args, training)
        torch.manual_seed(args.seed)
        self.model = new_model(args)
        self.optimisers = optimisers(self.model, args)
        self.windows = (WindowsToRest if args.rest_on_first else Windows)(self.bpe, training, args)
        self.held_out = HeldOut(self.bpe, held_out, args.context)
        self.bf16 = can_use_bf16()
        self.tokens_per_step = args.batch * args.context
        self.n_steps = int(args.teraflops * 1e12 / self.model.flops_per_token() / self.tokens_per_step)
        self.step, self.best, self.seconds = 0, math.inf, 0.0
        self.checkpoint = args.work / "checkpoint.pt"
        if self.checkpoint.exists():
            self.restore()
        print(f"{self.model.n_parameters():,} parameters; {len(training):,} stories, {len(self.windows.tokens):,} tokens; "
              f"held out {len(held_out):,} stories, {self.held_out.n_tokens:,} tokens; step {self.step} of {self.n_steps}; "
              f"{'bfloat16' if self.bf16 else 'float32'}", flush=True)

    def restore(self):
        saved = checkpoint.restore(self.checkpoint, self.model, self.optimisers)
        self.step, self.best, self.seconds = saved["step"], saved["best"], saved["seconds"]

    def save(self):
        checkpoint.save(self.checkpoint, self.model, self.optimisers, step=self.step, best=self.best, seconds=self.seconds)

    def learn(self):
        share = learning_rate(self.step, self.n_steps)
        for optimiser, rate in zip(self.optimisers, (self.args.lr, self.args.adam_lr)):
            for group in optimiser.param_groups:
                group["lr"] = rate * share
        ids, targets = self.windows.batch(self.step)
        Dropout.seed(self.args.seed, self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = self.model(ids)
        loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
        objective = loss
        if self.args.rest_on_first:
            objective = loss - self.args.rest_on_first * rest_on_first(self.model)
        self.model.zero_grad(set_to_none=True)
        objective.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        return loss.item()

    def evaluate(self, training_loss):
        per_token, per_byte = self.held_out.loss(self.model, self.bf16)
        if per_token < self.best:
            self.best = per_token
            torch.save(self.model.state_dict(), self.args.work / "best.pt")
        tokens = self.step * self.tokens_per_step
        entry = {"step": self.step, "tokens": tokens, "training_loss": training_loss, "held_out_per_token": per_token,
                 "held_out_per_byte": per_byte, "seconds": round(self.seconds)}
        with open(self.args.work / "log.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps(entry) + "\n")
        print(f"\r{entry}", flush=True)
        self.save()

    def show_progress(self, loss):
        is_watched = sys.stdout.isatty()
        if self.step % (10 if is_watched else 100) == 0:
            left = self.seconds / self.step * (self.n_steps - self.step)
            rate = self.step * self.tokens_per_step / self.seconds
            print(f"\rstep {self.step}/{self.n_steps}  loss {loss:.3f}  {rate:,.0f} tokens/s  {left / 60:.0f} min left ",
                  end="" if is_watched else "\n", flush=True)

    def train(self):
        smooth = None
        while self.step < self.n_steps:
            started = time.monotonic()
            loss = self.learn()
            self.seconds += time.monotonic() - started
            smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
            self.show_progress(smooth)
            if self.step == self.n_steps or self.step % self.args.evaluate_every == 0:
                self.evaluate(smooth)

    def write_folder(self):
        self.args.out.mkdir(parents=True, exist_ok=True)
        self.model.load_state_dict(torch.load(self.args.work / "best.pt"))
        family = llama if isinstance(self.model, llama.Llama) else gpt2
        family.export(self.model, self.args.out)
        self.bpe.save(self.args.out)
        print(f"wrote {self.args.out}")


def main():
    run = Run(arguments())
    run.train()
    if run.args.out:
        run.write_folder()


if __name__ == "__main__":
    main()
