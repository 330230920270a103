#!/bin/sh
# The lessons that come with kvstep, and what `kvstep lesson` prints.
. tests/shell.sh
export XDG_STATE_HOME="$work/state" KVSTEP_LESSONS="$PWD/lessons"

begin "every lesson works, in every language"
for file in lessons/*/*.md; do run 0 "everything works" lesson check "$file"; done
begin "the languages have the same lessons with the same questions, commands and answers"
for file in lessons/en/*.md; do
    other=lessons/zh/${file##*/}
    ok [ -f "$other" ]
    for each in "$file" "$other"; do
        grep -E '^(model|prompt|source|needs): |^```(choose|predict|do|commands)|^(answer|until|solution|after|within):' "$each" >"$work/$(basename "$(dirname "$each")")"
    done
    cmp -s "$work/en" "$work/zh" || [ -n "$failed" ] || failed="$other differs from $file: $(diff "$work/en" "$work/zh" | head -5)"
done
begin "what a lesson builds on comes before it"
for file in lessons/en/*.md; do
    for need in $(sed -n 's/^needs: //p' "$file" | tr ',' ' '); do
        before=$(echo lessons/en/[0-9]*-"$need".md)
        ok [ -f "$before" ]
        ok expr "$before" "<" "$file" >/dev/null
    done
done
begin "a lesson has at least four questions, two predictions and a task, and ends with what to remember"
for file in lessons/en/*.md; do
    ok [ "$(grep -cE '^```(choose|predict|do) ' "$file")" -ge 4 ]
    ok [ "$(grep -c '^```predict ' "$file")" -ge 2 ]
    ok [ "$(grep '^## ' "$file" | tail -1)" = "## To remember" ]
done
begin "the example of the page on lessons is a whole lesson that works"
awk '/^````markdown$/ { inside = 1; next } /^````$/ { inside = 0 } inside' docs/lessons.md >"$work/example.md"
ok [ -s "$work/example.md" ]
run 0 "questions 3" lesson check "$work/example.md"
begin "a printed lesson has its numbers, its screens and its answers"
run 0 "Its pass computes a row for each" lesson print "$work/example.md"
ok [ "$(grep -c '{{' "$work/out")" = 0 ]
says "$work/out" "The prompt has 7 tokens."
says "$work/out" "┌─ attention · layer 3 head 2"
says "$work/out" "2. K and V of the earlier tokens."
begin "the list has every lesson, and how far one is"
mkdir -p "$work/state/kvstep"
printf 'kvstep lessons 1\nsolved decoder %s 1\n' "$(sed -n 's/^```[a-z]* \([a-z0-9-]*\)$/\1/p' lessons/en/01-decoder.md | head -1)" >"$work/state/kvstep/lessons"
run 0 "causal-mask" lesson
ok [ "$(grep -c ' min ' "$work/out")" = "$(ls lessons/en/*.md | wc -l)" ]
ok [ "$(grep -c '●○' "$work/out")" = 1 ]
begin "--reset forgets the progress"
run 0 "decoder is cleared" lesson --reset decoder
run 0 "decoder" lesson
ok [ "$(grep -c '●' "$work/out")" = 0 ]
begin "what is wrong is told with file and line, and the status is 1"
sed 's|{{/step/n_rows}}|{{/step/n_row}}|' "$work/example.md" >"$work/wrong.md"
run 1 "wrong.md:$(grep -n '{{/step/n_row}}' "$work/wrong.md" | cut -d: -f1): there is no /step/n_row" lesson check "$work/wrong.md"
run 1 "cannot be read" lesson check "$work/nothing.md"
run 1 "there is no lesson nonsense" lesson nonsense
run 2 "give the lesson file" lesson check
run 2 "give one lesson at a time" lesson decoder memory
begin "a folder that cannot be written, or a file of something else, is an error that loses nothing"
echo "my diary" >"$work/state/kvstep/lessons"
run 1 "move it away" lesson
ok [ "$(cat "$work/state/kvstep/lessons")" = "my diary" ]
finish
