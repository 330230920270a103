#!/usr/bin/env python3
"""Whether two builds of kvstep compute the same bits: runs both on every shipped model and every test model, with
every site recorded, and compares all numbers of the traces but the times.

    python3 tests/compare_builds.py OLD/build/kvstep NEW/build/kvstep

Each folder runs as a prefill of several rows and then one token at a time; small chunks and long prompts are both
there, so both kinds of kernels run. Floats are written with as many digits as it takes to get the same float back,
so equal texts are equal bits."""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def cases():
    for folder in sorted((ROOT / "models").glob("*/config.json")):
        name = str(folder.parent)
        if folder.parent.name == "dates":
            yield [name, "--source", "Tue 3rd of March, 2026", "-n", "12"]
        else:
            yield [name, "-p", "Once upon a time", "-n", "12"]
            yield [name, "-p", "One day, a little girl named Lily found a needle in her room. " * 6, "-n", "4"]
    for folder in sorted((ROOT / "tests/golden").glob("*/config.json")):
        config = json.loads(folder.read_text())
        name = str(folder.parent)
        source = ["--source-ids", "1,2,3,4,5"] if config.get("model_type") == "encoder-decoder" else []
        yield [name, *source, "--ids", "1,2,3", "-n", "6"]
        yield [name, *source, "--ids", ",".join(str(1 + i % 7) for i in range(20)), "-n", "4"]
        yield [name, *source, "--ids", "3,1,2", "-n", "5", "--temperature", "0.9", "--seed", "7"]


def facts(step):
    """What a step computed, in the words that both versions of the format have."""
    cost = {way: {name: number for name, number in numbers.items() if name not in ("nanoseconds", "source", "counted")}
            for way, numbers in step["cost"].items() if numbers}
    agreement = step.get("agreement") or step.get("comparison")
    return {
        "attention": step["attention"], "cross": step.get("cross_attention"), "sites": step.get("sites"),
        "bytes": step["cache"]["bytes"], "cost": cost, "choice": step["choice"], "candidates": step["candidates"],
        "difference": agreement["max_abs_logit_difference"], "same": agreement["same_choice"],
    }


def run(program, arguments, folder):
    path = pathlib.Path(folder) / "trace.json"
    command = [program, "run", *arguments, "--record", "all", "--trace", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    trace = json.loads(path.read_text(encoding="utf-8"))
    return {"steps": [facts(step) for step in trace["steps"]], "tokens": [token["id"] for token in trace["tokens"]]}


def main(old, new):
    n_steps = n_different = n_refused = 0
    with tempfile.TemporaryDirectory() as folder:
        for arguments in cases():
            a, b = run(old, arguments, folder), run(new, arguments, folder)
            if isinstance(a, str) or isinstance(b, str):
                n_refused += 1
                if isinstance(a, str) != isinstance(b, str):
                    n_different += 1
                    print("only one of them runs:", " ".join(arguments), a if isinstance(a, str) else b)
                continue
            n_steps += len(a["steps"])
            if a != b:
                n_different += 1
                print("different:", " ".join(arguments)[:120])
                for i, (x, y) in enumerate(zip(a["steps"], b["steps"])):
                    print("  step", i, [key for key in x if x[key] != y[key]])
    print(f"{n_steps} steps compared, {n_refused} runs refused by both, {n_different} runs differ")
    return 1 if n_different or not n_steps else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
