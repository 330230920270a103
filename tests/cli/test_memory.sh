#!/bin/sh
# `kvstep memory` and `kvstep models`: the survey's figures, what is refused and how, and that the output fits its place.
. tests/shell.sh

# fits: nothing that was printed is wider than 80 columns.
fits() { ok [ "$(sed 's/[·×]/x/g' "$work/out" | wc -L)" -le 80 ]; }
# json FILTER VALUE: python's view of the last output's JSON.
json() { ok [ "$(python3 -c "import json,sys; d=json.load(open(sys.argv[1])); print($1)" "$work/out")" = "$2" ]; }
seven="--layers 32 --heads 32 --d-head 128 --length 32768 --dtype bf16"

begin "the survey's figures come out"
run 0 "73,728 B = 73.73 kB (72.00 KiB)" memory gpt2
run 0 "819,200 B = 819 kB (800 KiB)" memory opt-13b
run 0 "= 1,677,721,600 B = 1.68 GB (1.56 GiB)" memory opt-13b
run 0 "2 · 32 layers · 32 KV heads · 128 · 32,768 tokens · batch 1 · 2 B" memory $seven
says "$work/out" "= 17,179,869,184 B = 17.18 GB (16.00 GiB)"
run 0 "= 4,294,967,296 B = 4.29 GB (4.00 GiB)" memory $seven --kv-heads 8
says "$work/out" "> GQA 32:8                     8      131,072     4.29 GB (4.00 GiB)       1/4"
fits
begin "a model that is here counts in kvstep's own f32, in the numbers that run prints"
run 0 "story: MHA, f32" memory story
says "$work/out" "6,144 B"
run 0 "GQA" memory tests/golden/llama_gqa
run 0 "MQA" memory ./tests/golden/bigcode_mqa/
begin "options take the place of a model's sizes"
run 0 "8 KV heads · 128 · 100 tokens · batch 64 · 1 B" memory llama-3-8b --length 100 --batch 64 --dtype f8
run 0 "0.5 B" memory llama-3-8b --dtype int4
run 0 "changed by options" memory llama-3-8b --kv-heads 4
begin "cross-attention has a cache of its own, as long as the source"
run 0 "source tokens" memory tests/golden/encoder_decoder
run 0 "16 heads · 64 · 512 source tokens" memory --layers 12 --heads 16 --kv-heads 4 --d-head 64 --length 8 --source 512
says "$work/out" "Both"
fits
run 2 "has none" memory gpt2 --source 5
run 0 "sequence: 768 B" memory tests/golden/encoder_decoder
ok [ "$(grep -c "768 B =" "$work/out")" = 0 ]
begin "tokens that fit, in units of 1000 and of 1024"
run 0 "24.00 GB (22.35 GiB) is enough for 183,105 tokens." memory $seven --kv-heads 8 --memory 24GB
run 0 "enough for 196,608 tokens." memory $seven --kv-heads 8 --memory 24GiB
run 0 "enough for 610,351 tokens." memory $seven --kv-heads 8 --memory 80e9
run 0 "enough for 6,103 tokens in each of the 100 sequences." memory $seven --kv-heads 8 --batch 100 --memory "80 gb"
run 0 "enough for 0 tokens." memory $seven --memory 1B
for size in 0 -1GB nan inf 24G 1e30 GB "" 24GBx 24TBB; do run 2 "--memory takes a size" memory gpt2 --memory "$size"; done
begin "without a model, the known ones in a table that fits"
run 0 "Llama 3.1 405B          8  GQA 128:8  bf16    516,096   131,072    67.65 GB" memory
says "$work/out" "Falcon 7B               1  MQA        bf16      8,192     2,048    16.78 MB"
fits
begin "absurd sizes are refused, never wrapped"
run 2 "2^63 bytes" memory gpt2 --length 1000000000000 --batch 1000000000000
run 2 "whole number" memory gpt2 --length 99999999999999999999
run 2 "--layers takes" memory gpt2 --layers 0
run 2 "--batch takes" memory gpt2 --batch -1
run 2 "--heads takes" memory gpt2 --heads 1.5
run 0 "EB" memory gpt2 --length 1000000000000 --batch 100
fits
begin "inconsistent sizes are refused with what to do"
run 2 "give a divisor of 32" memory $seven --kv-heads 5
run 2 "--dtype takes f32" memory gpt2 --dtype f64
run 2 "--length is missing" memory --layers 2 --heads 2 --d-head 8
run 2 "--layers is missing" memory --memory 24GB
run 2 "one model at a time" memory gpt2 story
run 2 "--help" memory --nonsense
begin "the error for an unknown model names it and says where to look"
run 1 "there is no model llama-9" memory llama-9
run 1 "config.json" memory ./tests
begin "memory as JSON"
run 0 '"bytes": 4294967296' memory $seven --kv-heads 8 --memory 24GB --json
json 'd["attention"], d["bytes_per_token"], d["tokens_that_fit"], [c["n_kv_heads"] for c in d["comparison"]]' "GQA 32:8 131072 183105 [32, 8, 1]"
run 0 '"reference": "meta-llama/Llama-2-7b-hf"' memory --json
json 'min(len(m["reference"]) for m in d["models"]) > 0 and len(d["models"]) > 20' True

begin "models lists the default with its sizes and its card's sentence"
run 0 "* story" models
says "$work/out" "A small GPT-2 that writes simple English stories"
fits
run 0 "the two KV caches of an encoder-decoder." models --json # a long sentence, whole
begin "a model is found by its first place, and a broken one is listed with the reason"
mkdir -p "$work/models/story" "$work/models/broken" "$work/models/bare" "$work/models/none"
cp models/story/*.json models/story/model.safetensors "$work/models/story"
echo '{"model_type": "nonsense"}' >"$work/models/broken/config.json"
cp models/story/config.json "$work/models/bare"
printf -- '---\nlicense: mit\n---\n# Bare\n\n![a picture](x)\n\nIt has **no** weights\nat all. And more.\n' >"$work/models/bare/README.md"
KVSTEP_MODELS=$work/models run 0 "broken          cannot be used:" models
says "$work/out" "nonsense"
says "$work/out" "bare            cannot be used:"
ok [ "$(grep -c '^\* story' "$work/out")" = 1 ]
KVSTEP_MODELS=$work/models run 0 '"shows": "It has no weights at all."' models --json
json '[m["name"] for m in d["models"]][:3]' "['bare', 'broken', 'story']"
json '[m["folder"] for m in d["models"] if m["name"] == "story"][0]' "$work/models/story"
json '["error" in m for m in d["models"]][:3], d["models"][2]["cache_bytes_per_token"], d["models"][2]["shows"]' "[True, True, False] 6144 None"
begin "a folder's name and card cannot steer the terminal"
mkdir -p "$work/evil/$(printf 'a\033[2Jb')"
cp models/story/config.json models/story/model.safetensors "$work/evil/"a*b
printf 'Red \033[31m card.\n' >"$(echo "$work"/evil/a*b)/README.md"
KVSTEP_MODELS=$work/evil run 0 'Red \x1B[31m card.' models
ok [ "$(LC_ALL=C grep -c "$(printf '\033')" "$work/out")" = 0 ]
KVSTEP_MODELS=$work/evil run 0 'a\u001b[2Jb' models --json
json 'd["models"][0]["shows"]' 'Red \x1B[31m card.'
ok [ "$(LC_ALL=C grep -c "$(printf '\033')" "$work/out")" = 0 ]
begin "models takes no argument"
run 2 "takes no argument" models story
run 2 "--help" models --nonsense
begin "help is printed"
run 0 "Usage: kvstep memory" memory --help
run 0 "Usage: kvstep models" models --help
run 0 "kvstep memory" --help
finish
