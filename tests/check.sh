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

part "layers: core <- traces <- lessons <- tui <- cli"
rank() { case $1 in core) echo 1 ;; traces) echo 2 ;; lessons) echo 3 ;; tui) echo 4 ;; cli) echo 5 ;; *) echo 9 ;; esac }
for layer in core traces lessons tui cli; do
    for file in $(printf "%s\n" $sources $headers | grep "^$layer/"); do
        for other in $(sed -n 's|^#include "\([a-z]*\)/[a-z_/0-9]*\.h"$|\1|p' "$file"); do
            [ "$(rank "$other")" -le "$(rank "$layer")" ] || found "$file includes a header of $other/"
        done
    done
done

part "order inside tui: screen <- app <- widgets <- views, lesson, terminal"
tui_rank() { case $1 in screen) echo 1 ;; app) echo 2 ;; widgets) echo 3 ;; *) echo 4 ;; esac }
for file in $(printf "%s\n" $sources $headers | grep "^tui/"); do
    folder=$(echo "$file" | cut -d/ -f2)
    for other in $(sed -n 's|^#include "tui/\([a-z]*\)/.*"$|\1|p' "$file"); do
        [ "$other" = "$folder" ] || [ "$(tui_rank "$other")" -lt "$(tui_rank "$folder")" ] || found "$file includes a header of tui/$other/"
    done
    view=$(echo "$file" | sed -n 's|^tui/views/\([a-z]*\)/.*|\1|p')
    for other in $(sed -n 's|^#include "tui/views/\([a-z]*\)/.*"$|\1|p' "$file"); do
        [ "$other" = "$view" ] || found "$file includes a header of the view $other"
    done
done

part "who may include and call what"
[ "$(grep -l '#include <cblas' $sources $headers)" = core/math/sgemm.c ] || found "only core/math/sgemm.c may include cblas.h"
[ "$(grep -l '#include <ncurses' $sources $headers)" = tui/terminal/terminal.c ] || found "only tui/terminal/terminal.c may include ncurses.h"
! grep -nE '"core/(math/ops|decode/forward|cache/cache)\.h"' $(printf "%s\n" $sources $headers | grep -E "^(tui|lessons)/") || found "tui and lessons go through core/session/session.h"
! grep -nE '\b(printf|puts|putchar|exit|abort)\(' $(printf "%s\n" $sources | grep -vE "^(cli|tests)/") || found "no printing and no exit outside cli/"

part "link cycles"
most=6 # modules in one cycle; see tests/link_cycles.py
python3 tests/link_cycles.py build/check-gcc "$most" || status=1

part "format"
# shellcheck disable=SC2086
clang-format --dry-run -Werror $sources $headers || status=1

part "clang-tidy"
flags="-std=c11 -D_GNU_SOURCE -DKVSTEP_DATADIR=\"\" -I. $(pkg-config --cflags ncursesw openblas libcjson md4c libpcre2-8 libutf8proc)"
# shellcheck disable=SC2086
printf '%s\n' $sources | xargs -P "$(nproc)" -n 6 sh -c 'clang-tidy --quiet "$@" -- $0 2>/dev/null' "$flags" || status=1

part "no machine's paths in the tree"
! git grep -nE '(/home/[a-z]|[^a-z]/root/|/Users/)' -- . ':!tests/check.sh' ':!tests/cli/test_cli.sh' || found "a path of one machine is in the tree"

[ $status = 0 ] && echo "All checks passed."
exit $status
