#!/bin/sh
# Runs one libFuzzer target for some seconds: run.sh FUZZER SECONDS. What it learns stays in build/fuzz/corpus; an input
# that it finds a fault with goes to build/fuzz, and the status is not 0.
set -eu
fuzzer=$1
seconds=$2
name=$(basename "$fuzzer")
here=$(dirname "$0")
golden=$here/../golden
corpus=build/fuzz/corpus/$name
mkdir -p "$corpus"

# Where the seeds come from: tests/golden, and small inputs that load (one layer, two numbers wide) in seeds/. Those of the
# first two targets are two files each, with a NUL between them.
case $name in
fuzz_model)
    cp "$here"/seeds/model_* "$corpus"
    { cat "$golden/gpt2/config.json"; printf '\0'; cat "$golden/gpt2/model.safetensors"; } >"$corpus/golden"
    ;;
fuzz_tokenizer)
    cp "$here"/seeds/tokenizer_* "$corpus"
    { cat "$golden/tokenizer/tokenizer.json"; printf '\0Once<|endoftext|>  upon\n\xff 12'; } >"$corpus/golden"
    ;;
fuzz_lesson) cp "$here"/../../lessons/en/*.md "$corpus" ;;
fuzz_trace) cp "$golden"/trace/*.json "$here"/seeds/trace_* "$corpus" ;;
esac

# The targets write small files; memory is the place for them where there is such a folder.
base=${TMPDIR:-/tmp}
if [ -w /dev/shm ]; then base=/dev/shm; fi
TMPDIR=$(mktemp -d "$base/kvstep-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

"$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -dict="$here/json.dict" -artifact_prefix=build/fuzz/ \
    -print_final_stats=1 -verbosity=1 "$corpus" 2>"$TMPDIR/log" || {
    status=$?
    cat "$TMPDIR/log" >&2
    exit $status
}
grep -E '^stat::(number_of_executed_units|new_units_added)|^Done' "$TMPDIR/log"
