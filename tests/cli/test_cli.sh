#!/bin/sh
# The command line: what it prints, and that every wrong argument gets status 2 and a message, every bad file status 1.
. tests/shell.sh
model=tests/golden/gpt2

begin "run streams the text and prints a table with the agreement of both ways"
run 0 "Both ways chose the same token in 12 of 12 steps" run -p "Once upon a time" -n 12
says "$work/out" "Once upon a time"
says "$work/out" "Cache: 6,144 B a token"
begin "an encoder-decoder reads its source and keeps two caches"
run 0 "Cross-attention's cache: 11,776 B" run dates --source "Tue 3rd of March, 2026"
says "$work/out" "2026-03-03"
run 2 "give it a source to read" run dates -p "2026"
run 2 "has no encoder" run --source "3 April 2026" -p "Once"
run 0 "#" run tests/golden/encoder_decoder --source-ids 1,2,3 -n 4
begin "every shipped model and every family runs, and its two ways agree"
for folder in models/story-mha models/story-gqa models/story-mqa; do
    run 0 "of 8 steps" run $folder -p "Once upon a time" -n 8
done
for family in gpt2_cross gpt2_inverse_layer bigcode_mqa bigcode_mha llama3 llama_yarn llama_mqa_shards smollm mistral qwen2_window qwen3; do
    run 0 "the same token in 6 of 6 steps" run tests/golden/$family --ids 1,2,3,4,5 -n 6
done
begin "tokens prints what a text becomes"
run 0 "tokens" tokens story "Once upon a time"
run 0 '"ids": [0,' tokens story "Once" --json
run 1 "holds no tokenizer" tokens tests/golden/gpt2 "a"
begin "a model without a tokenizer runs on ids and prints ids"
run 0 "#1 #2 #3 #" run $model --ids 1,2,3 -n 4
begin "the same seed gives the same text, another one another"
"$KVSTEP" run -p "One day" -n 30 --temperature 1 --seed 5 --no-recompute | sed -n '/^$/q;p' >"$work/a"
"$KVSTEP" run -p "One day" -n 30 --temperature 1 --seed 5 | sed -n '/^$/q;p' >"$work/b"
"$KVSTEP" run -p "One day" -n 30 --temperature 1 --seed 6 --no-recompute | sed -n '/^$/q;p' >"$work/c"
ok cmp -s "$work/a" "$work/b"
ok [ "$(cat "$work/a")" != "$(cat "$work/c")" ]
begin "without recomputation its figures are said to be the formula's"
run 0 "the recomputed figures come from the formula" run $model --ids 1,2 -n 3 --no-recompute
says "$work/out" "not run"
begin "the context can be filled to its end, and not past it"
run 0 "of 62 steps" run $model --ids 1,2,3 -n 62
run 2 "use -n 62 or less" run $model --ids 1,2,3 -n 63
begin "a prompt longer than the context is refused"
run 2 "65 tokens" run $model --ids "$(seq -s, 0 64)" -n 1
begin "an empty prompt is refused, and so is none at all"
run 2 "the prompt is empty" run -p ""
run 2 "the prompt is empty" run --ids ""
run 2 "give a prompt" run
begin "token ids must be numbers of the vocabulary"
run 2 "outside the vocabulary" run $model --ids 96
for ids in , 1, ,1 1,,2 x 1,x -1 99999999999999999999 1.5; do run 2 "--ids" run $model --ids "$ids"; done
begin "numbers out of range are refused by name"
run 2 "-n" run $model --ids 1 -n 0
run 2 "-n" run $model --ids 1 -n 12x
run 2 "--temperature" run $model --ids 1 --temperature nan
run 2 "--temperature" run $model --ids 1 --temperature -1
run 2 "--top-k" run $model --ids 1 --top-k -3
run 2 "top-p" run $model --ids 1 --top-p 0
run 2 "--top-p" run $model --ids 1 --top-p 1.01
run 2 "--seed" run $model --ids 1 --seed 4294967296
run 2 "--candidates" run $model --ids 1 --candidates 0
run 2 "there is no site \"nothing\"" run $model --ids 1 --record q,nothing
begin "an unknown option, a second model, both prompts: usage"
run 2 "--help" run --nonsense
run 2 "one model at a time" run $model other --ids 1
run 2 "not with both" run $model --ids 1 -p x
run 2 "one model at a time" $model other
run 2 "give one trace" view
begin "more candidates than the vocabulary are all of it"
"$KVSTEP" run $model --ids 1 -n 1 --candidates 100000 --json >"$work/t"
ok [ "$(grep -o '"sampling_probability"' "$work/t" | wc -l)" = 97 ]
begin "the error for a missing model names it and says what to do"
run 1 "there is no model nowhere" run nowhere -p x
run 1 "config.json" run ./tests -p x
begin "text for a model without a tokenizer is refused, and --ids suggested"
run 2 "--ids" run $model -p text
begin "a prompt may hold any bytes"
run 0 "same token" run -p "$(printf 'a\377\033[2J\302\205 \360\237\230\200')" -n 2
ok [ "$(LC_ALL=C grep -c "$(printf '\033')" "$work/out")" = 0 ]
begin "help and version are there without a terminal"
run 0 "Usage: kvstep" --help
run 0 "Usage: kvstep run" run --help
run 0 "Usage: kvstep view" view --help
run 0 "kvstep " --version
begin "the stepper without a terminal says so"
run 1 "needs a terminal" $model --ids 1
begin "a trace to standard output and to a file are the same but for the times"
"$KVSTEP" run $model --ids 1,2 -n 3 --json --trace "$work/t.json" >"$work/out"
ok cmp -s "$work/out" "$work/t.json"
begin "a trace that cannot be written is an error, and the earlier file stays"
echo earlier >"$work/keep"
run 1 "$work/none/t.json" run $model --ids 1 -n 1 --trace "$work/none/t.json"
if [ -e /dev/full ]; then
    "$KVSTEP" run $model --ids 1,2 -n 20 --json >/dev/full 2>"$work/err"
    ok [ $? = 1 ]
    says "$work/err" "No space left"
fi
begin "a trace that reaches the limit of a file's size is an error, and the earlier file stays"
(ulimit -f 64; exec "$KVSTEP" run $model --ids 1,2 -n 40 --record all --trace "$work/keep") >/dev/null 2>"$work/err"
ok [ $? = 1 ]
says "$work/err" "File too large; free some space"
ok [ "$(cat "$work/keep")" = earlier ]
ok [ -z "$(find "$work" -name '.keep*')" ]
begin "a standard output that is closed is an error, and what is printed goes into no trace"
"$KVSTEP" run $model --ids 1,2 -n 3 --trace "$work/closed.json" >&- 2>"$work/err"
ok [ $? = 1 ]
says "$work/err" "standard output cannot be written"
ok [ "$(grep -c '^#\|Total' "$work/closed.json")" = 0 ]
ok [ "$(head -n 2 "$work/closed.json" | tr -d ' \n')" = '{"format":"kvstep-trace",' ]
begin "a trace that cannot be written takes nothing from the text and the table"
if [ -e /dev/full ]; then
    run 1 "/dev/full: cannot be written" run $model --ids 1,2 -n 3 --trace /dev/full
    says "$work/out" "#1 #2 #"
    says "$work/out" "Total:"
fi
begin "text that cannot be written is an error"
if [ -e /dev/full ]; then
    "$KVSTEP" run $model --ids 1 -n 2 >/dev/full 2>"$work/err"
    ok [ $? = 1 ]
    says "$work/err" "standard output cannot be written"
fi
begin "numbers to record without a trace to go to are said to be lost"
run 0 "no effect without --trace" run $model --ids 1 --record q
run 2 "--record" run $model --ids 1 --record "" --json
run 2 "--trace" run $model --ids 1 --trace ""
begin "an interrupted run ends its trace and its table"
"$KVSTEP" run -p x -n 250 --temperature 1 --candidates 4096 --trace "$work/cut.json" >"$work/out" 2>&1 &
sleep 0.2
kill -TERM $! 2>/dev/null
wait $! 2>/dev/null
says "$work/cut.json" '"tokens"'
says "$work/out" "Total:"
begin "a run under nohup outlives its terminal"
(trap '' HUP; exec "$KVSTEP" run -p x -n 100 --temperature 1 --trace "$work/nohup.json") >"$work/out" 2>&1 &
sleep 0.2
kill -HUP $! 2>/dev/null
wait $!
ok [ $? = 0 ]
begin "a closed pipe leaves no temporary file"
"$KVSTEP" run -p x -n 250 --temperature 1 --trace "$work/gone.json" 2>/dev/null | head -c 1 >/dev/null
ok [ -z "$(find "$work" -name '.gone.json*')" ]
"$KVSTEP" run -p x -n 250 2>"$work/err" | head -c 1 >/dev/null
"$KVSTEP" run -p x -n 250 --json 2>>"$work/err" | head -c 1 >/dev/null
"$KVSTEP" run -p x -n 50 --trace "$work/whole.json" 2>>"$work/err" | head -c 1 >/dev/null
ok [ ! -s "$work/err" ]
begin "a killed run leaves the earlier trace whole"
"$KVSTEP" run -p x -n 250 --temperature 1 --record all --trace "$work/keep" >/dev/null 2>&1 &
sleep 0.2
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
ok [ "$(cat "$work/keep")" = earlier ]
rm -f "$work"/.keep.*
begin "view refuses a file that is no trace"
run 1 "README.md" view README.md
run 1 "nothing.json" view nothing.json
begin "the manual tells every command of the stepper"
commands() { cat tui/*/*.c tui/views/*/*.c | sed -n 's/^    {"\([a-z!-]*\)", .*N_(.*/\1/p'; } # rows of tables: name, argument, help
missing=$(commands | sed 's/-/\\-/' | while read -r name; do
    grep -qF "\\fB$name\\fR" docs/kvstep.1 || echo "$name"
done)
ok [ -z "$missing" ]
ok [ "$(commands | wc -l)" -gt 50 ]
begin "an installed program finds its model from any folder"
ok make -s install DESTDIR="$work/root" PREFIX=/usr BUILD="$(dirname "$KVSTEP")" >/dev/null
(unset KVSTEP_MODELS; cd / && "$work/root/usr/bin/kvstep" run -p "Once" -n 2 >"$work/out" 2>&1)
says "$work/out" "2 of 2 steps"
ok [ -s "$work/root/usr/share/man/man1/kvstep.1" ]
finish
