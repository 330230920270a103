#!/bin/sh
# `make check`: what a compiler lets pass. Every part runs; the status is 1 when one of them found something.
set -u
cd "$(dirname "$0")/.."
status=0
sources=$(find core traces lessons tui cli tests -name '*.c' | sort)
headers=$(find core traces lessons tui cli tests -name '*.h' | sort)

part() { printf '== %s\n' "$1"; }
found() { printf '%s\n' "$1" >&2; status=1; }

part "warnings are errors, with gcc and with clang"
make -s -k all unit-programs BUILD=build/check-gcc CC=gcc OPTIMISE="-O2 -Werror" || status=1
make -s -k all unit-programs BUILD=build/check-clang CC=clang OPTIMISE="-O1 -Werror" || status=1

# The folders from the bottom up. A file includes headers of its own folder and of those on the lines above it. A folder
# that has no line of its own belongs to the one it lies in.
layers='core/base
core/math core/tokenizer
core/model
core/cache
core/decode
core/record
core/session
traces
lessons
tui/screen
tui/app
tui/commands
tui/widgets
tui/views tui/lesson tui/terminal
cli'
part "layers by folder"
# shellcheck disable=SC2086
LAYERS=$layers awk '
    function layer(path) {
        do sub(/\/[^\/]*$/, "", path); while (!(path in rank) && path ~ /\//)
        return path
    }
    BEGIN {
        n_lines = split(ENVIRON["LAYERS"], lines, "\n")
        for (i = 1; i <= n_lines; i++) {
            n_folders = split(lines[i], folders, " ")
            for (j = 1; j <= n_folders; j++) rank[folders[j]] = i
        }
    }
    /^#include "/ {
        split($0, parts, "\"")
        from = layer(FILENAME)
        to = layer(parts[2])
        if (from == to && from in rank) next
        if (from in rank && to in rank && rank[to] < rank[from]) next
        printf "%s:%d: %s may not include %s\n", FILENAME, FNR, from, parts[2]
        climbs++
    }
    END { exit climbs > 0 }' $(printf '%s\n' $sources $headers | grep -v '^tests/') >&2 || status=1

part "a view includes nothing of another view"
for file in $(printf "%s\n" $sources $headers | grep "^tui/views/"); do
    view=$(echo "$file" | sed -n 's|^tui/views/\([a-z]*\)/.*|\1|p')
    for other in $(sed -n 's|^#include "tui/views/\([a-z]*\)/.*"$|\1|p' "$file"); do
        [ "$other" = "$view" ] || found "$file includes a header of the view $other"
    done
done

part "who may include and call what"
[ "$(grep -l '#include <cblas' $sources $headers)" = core/math/sgemm.c ] || found "only core/math/sgemm.c may include cblas.h"
[ "$(grep -l '#include <ncurses' $sources $headers)" = tui/terminal/terminal.c ] || found "only tui/terminal/terminal.c may include ncurses.h"
# The façade of core: what lies above it needs Sessions, the record, and sizes; never the decoder's inside.
above='core/(base|record|session)/|core/cache/(cache_sizes|policy)\.h|core/decode/cost_formula\.h|core/model/(config|model_folder|weights)\.h'
! grep -nE '^#include "core/' $(printf "%s\n" $sources $headers | grep -E "^(traces|lessons|tui|cli)/") | grep -vE "$above" || found "traces, lessons, tui and cli go through core/session, core/record and the sizes"
! grep -nE '_internal\.h"' $(printf "%s\n" $sources $headers | grep -E "^(lessons|tui|cli)/") | grep -E '"(core|traces)/' || found "an _internal.h is for its own folder"
! grep -nE '\b(printf|puts|putchar|exit|abort)\(' $(printf "%s\n" $sources | grep -vE "^(cli|tests)/") || found "no printing and no exit outside cli/"

part "link cycles"
most=6 # modules in one cycle; see tests/link_cycles.py
python3 tests/link_cycles.py build/check-gcc "$most" || status=1

part "format"
# shellcheck disable=SC2086
clang-format --dry-run -Werror $sources $headers || status=1
# shellcheck disable=SC2086
python3 - $sources $headers <<'END' || status=1
import sys
wide = [f"{name}:{n}: longer than 110 columns" for name in sys.argv[1:]
        for n, line in enumerate(open(name, encoding="utf-8"), 1) if len(line.rstrip("\n")) > 110]
if wide:
    sys.exit("\n".join(wide))
END

part "clang-tidy"
flags="-std=c11 -D_GNU_SOURCE -DKVSTEP_DATADIR=\"\" -I. $(pkg-config --cflags ncursesw openblas libcjson md4c libpcre2-8 libutf8proc)"
# shellcheck disable=SC2086
printf '%s\n' $sources | xargs -P "$(nproc)" -n 6 sh -c 'clang-tidy --quiet "$@" -- $0 2>/dev/null' "$flags" || status=1

part "no machine's paths in the tree"
! git grep -nE '(/home/[a-z]|[^a-z]/root/|/Users/)' -- . ':!tests/check.sh' ':!tests/cli/test_cli.sh' || found "a path of one machine is in the tree"

[ $status = 0 ] && echo "All checks passed."
exit $status
