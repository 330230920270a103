#!/bin/sh
# Real traces validate against traces/trace.schema.json, by a validator that is not ours (python3-jsonschema); broken ones
# do not. So does the example in docs/trace-format.md, which must be the one that the unit tests read.
#
# KVSTEP names the program. Run from the root of the repository.
set -eu

KVSTEP=${KVSTEP:-build/kvstep}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

small() { "$KVSTEP" run tests/golden/gpt2 --ids 1,2,3 -n 5 "$@" >"$folder/out"; }

small --trace "$folder/plain.json"
small --record all --trace "$folder/all.json"
small --record k,v --candidates 96 --trace "$folder/kv.json"
small --no-recompute --trace "$folder/no-recompute.json"
small --temperature 0.9 --top-k 20 --top-p 0.9 --seed 4294967295 --trace "$folder/sampled.json"
"$KVSTEP" run tests/golden/gpt2 --ids 1,2,3 -n 5 --json >"$folder/json.json"
"$KVSTEP" run -p "Once upon a time" -n 5 --trace "$folder/story.json" >"$folder/out"

"$KVSTEP" run tests/golden/qwen3 --ids 1,2,3 -n 3 --record all --trace "$folder/qwen3.json" >"$folder/out"
"$KVSTEP" run tests/golden/mistral --ids 1,2,3,4,5,6,7,8,9,10 -n 3 --record all --trace "$folder/mistral.json" >"$folder/out"
"$KVSTEP" run dates --source "3 April 2026" --record all --trace "$folder/dates.json" >"$folder/out"

python3 - "$folder" <<'PYTHON'
import copy
import json
import math
import pathlib
import re
import sys

import jsonschema

schema = json.loads(pathlib.Path("traces/trace.schema.json").read_text(encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(path):
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse_constant)


def shape(array):
    return [len(array)] + shape(array[0]) if isinstance(array, list) else []


def sizes(trace, step):
    model = trace["model"]
    return {
        "layer": model["n_layers"], "head": model["n_heads"], "kv_head": model["n_kv_heads"], "d_model": model["d_model"],
        "d_head": model["d_head"], "d_ff": model["d_ff"], "vocab": model["n_vocab"], "row": step["n_rows"],
        "key": step["n_keys"], "source": len(trace.get("source", {}).get("tokens", [])),
    }


traces = {path.stem: load(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json"))}
traces["golden"] = load(pathlib.Path("tests/golden/trace/tiny.json"))
for name, trace in traces.items():
    validator.validate(trace)
    for step in trace["steps"]:
        weights = {name: step[name] for name in ("attention", "cross_attention") if name in step}
        arrays = {**weights, **step.get("sites", {})}
        assert sorted(arrays) == sorted(trace["axes"]), (name, sorted(arrays))
        for site, array in arrays.items():
            expected = [sizes(trace, step)[axis] for axis in trace["axes"][site]]
            if site == "logits":
                expected[0] = 1
            assert shape(array) == expected, (name, site, shape(array), expected)
        for row in (row for layer in step["attention"] for head in layer for row in head):
            assert math.isclose(sum(row), 1, abs_tol=1e-5), (name, row)
    print(f"valid: {name}")

assert len(traces["all"]["axes"]) == 18
assert traces["plain"]["run"]["prompt"] is None
assert traces["story"]["run"]["prompt"] == "Once upon a time"
assert all(step["cost"]["recompute"]["nanoseconds"] is None for step in traces["no-recompute"]["steps"])
assert all(step["cost"]["recompute"]["counted"] for step in traces["plain"]["steps"])
assert traces["sampled"]["run"]["temperature"] == 0.9 and traces["sampled"]["run"]["seed"] == 4294967295

page = pathlib.Path("docs/trace-format.md").read_text(encoding="utf-8")
example = json.loads(re.search(r"```json\n(.*?)```", page, re.S).group(1))
assert example == traces["golden"], "the example in docs/trace-format.md is not tests/golden/trace/tiny.json"


def broken(change):
    trace = copy.deepcopy(traces["golden"])
    change(trace)
    return trace


BROKEN = {
    "another format": lambda t: t.update(format="other"),
    "version 1": lambda t: t.update(version="1.1"),
    "no tokens": lambda t: t.pop("tokens"),
    "a model without n_kv_heads": lambda t: t["model"].pop("n_kv_heads"),
    "0 layers": lambda t: t["model"].update(n_layers=0),
    "other axes": lambda t: t["axes"].update(attention=["head", "layer", "row", "key"]),
    "null in attention": lambda t: t["steps"][0]["attention"][0][0][0].__setitem__(0, None),
    "attention without heads": lambda t: t["steps"][0].update(attention=[[[1]]]),
    "another phase": lambda t: t["steps"][0].update(phase="warm-up"),
    "a step without keys": lambda t: t["steps"][0].pop("keys"),
    "half a key": lambda t: t["steps"][0]["keys"]["tokens"].append(1.5),
    "a model without its score scale": lambda t: t["model"].pop("score_scale"),
    "no machine": lambda t: t.pop("machine"),
    "a cost of text": lambda t: t["steps"][0]["cost"]["cached"].update(flops="624"),
    "a time for a formula": lambda t: t["steps"][0]["cost"]["recompute"].update(counted=False),
    "half a comparison": lambda t: t["steps"][0]["comparison"].update(same_choice=None),
    "a probability above 1": lambda t: t["steps"][0]["choice"].update(probability=1.1),
    "a byte of 256": lambda t: t["tokens"][3].update(bytes=[256]),
    "a token from nowhere": lambda t: t["tokens"][0].pop("generated"),
}
for name, change in BROKEN.items():
    assert not validator.is_valid(broken(change)), f"{name}: should not validate"
print(f"refused: {len(BROKEN)} broken traces")
PYTHON
