#!/bin/sh
# Real vocabularies with real token ids, where they are: KVSTEP_TOKENIZERS names the folder (reference_ids.json, and a folder for
# each vocabulary). They are too large to be kept here; without them this says so and passes.
tokenizers=${KVSTEP_TOKENIZERS:-../shared/tokenizers}
if [ ! -f "$tokenizers/reference_ids.json" ]; then
    echo "skipped: no reference_ids.json in $tokenizers"
    exit 0
fi
exec python3 - "$KVSTEP" "$tokenizers" <<'PYTHON'
import json, pathlib, subprocess, sys

kvstep, folder = sys.argv[1], pathlib.Path(sys.argv[2])
reference = json.loads((folder / "reference_ids.json").read_text(encoding="utf-8"))
failed = 0
for name in (key for key in reference if key != "texts"):
    wrong = 0
    for text, ids in zip(reference["texts"], reference[name]):
        command = [kvstep, "tokens", str(folder / name), "-", "--json", "--no-bos"]
        run = subprocess.run(command, input=text.encode(), capture_output=True)
        found = json.loads(run.stdout)["ids"] if run.returncode == 0 else run.stderr.decode()
        if found != ids:
            wrong += 1
            print(f"FAIL    {name}: {text!r}: expected {ids}, found {found}")
    print(f"{'ok      ' if wrong == 0 else 'FAIL    '}{name}: {len(reference['texts']) - wrong} of {len(reference['texts'])} texts")
    failed += wrong
sys.exit(1 if failed else 0)
PYTHON
