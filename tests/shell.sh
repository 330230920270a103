# What the shell tests share. A test script sources it, calls its tests, and ends with `finish`.
#
#   begin "a sentence"        starts a test
#   ok CONDITION...           fails it when the command does
#   says FILE TEXT            fails it when the text is not in the file
#   run STATUS TEXT ARGS...   kvstep ends with the status, and what it prints holds the text; $work/out and $work/err have it
KVSTEP=${KVSTEP:-$PWD/build/kvstep}
export LC_ALL=C.UTF-8
unset NO_COLOR
work=$(mktemp -d)
trap 'cleanup; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP PIPE
n_passed=0 n_failed=0 current= failed=

cleanup() { :; }
end_test() {
    [ -n "$current" ] || return 0
    if [ -z "$failed" ]; then
        n_passed=$((n_passed + 1))
        echo "ok      $current"
    else
        n_failed=$((n_failed + 1))
        echo "FAILED  $current: $failed"
    fi
}
begin() { end_test; current=$1 failed=; }
ok() { "$@" || { [ -n "$failed" ] || failed="$*"; }; }
says() { grep -qF -- "$2" "$1" || { [ -n "$failed" ] || failed="\"$2\" is not in: $(head -c 600 "$1")"; }; }
run() {
    status=$1 text=$2
    shift 2
    "$KVSTEP" "$@" >"$work/out" 2>"$work/err" </dev/null
    found=$?
    ok [ "$found" = "$status" ]
    cat "$work/err" "$work/out" >"$work/all"
    says "$work/all" "$text"
    if [ "$status" != 0 ]; then ok [ -s "$work/err" ]; fi
}
finish() {
    end_test
    echo "$n_passed passed, $n_failed failed"
    [ "$n_failed" = 0 ]
}
