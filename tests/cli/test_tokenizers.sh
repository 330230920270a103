#!/bin/sh
# Published vocabularies, whose ids another tokenizer has computed. They are too large to be kept here: KVSTEP_TOKENIZERS
# names a folder with reference_ids.json and a folder for each vocabulary. Without it the test is skipped.
if [ -z "${KVSTEP_TOKENIZERS:-}" ]; then
    echo "skipped: KVSTEP_TOKENIZERS names no folder with vocabularies and reference_ids.json"
    exit 0
fi
exec python3 - "$KVSTEP" "$KVSTEP_TOKENIZERS" <<'PYTHON'
import json, pathlib, subprocess, sys

kvstep, folder = sys.argv[1], pathlib.Path(sys.argv[2])
reference = json.loads((folder / "reference_ids.json").read_text(encoding="utf-8"))
failed = 0
assert reference["texts"] and len(reference) > 1, "reference_ids.json holds no texts or no vocabularies"
for name in (key for key in reference if key != "texts"):
    wrong = 0
    assert len(reference[name]) == len(reference["texts"]), f"{name}: one list of ids for each text"
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
