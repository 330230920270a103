#!/bin/sh
# The stepper in a real terminal (tmux): keys in, the screen out.
. tests/shell.sh
n_servers=0
cleanup() { for i in $(seq "$n_servers"); do tmux -L "kvstep-test-$$-$i" kill-server; done 2>/dev/null; }
command -v tmux >/dev/null || { echo "tmux is missing: sh install-deps.sh dev" >&2; exit 1; }

cat >"$work/runner" <<'END'
eval "$1"
echo "status=$? terminal: $(stty -a | tr ' ;' '\n\n' | grep -xE -- '-?(echo|icanon)' | tr '\n' ' ')."
sleep 60
END

# start COLUMNSxROWS COMMAND: runs the command in a new terminal; then a line tells its status and the terminal's state.
start() {
    n_servers=$((n_servers + 1))
    socket=kvstep-test-$$-$n_servers
    tmux -L "$socket" -u -f /dev/null new-session -d -x "${1%x*}" -y "${1#*x}" sh "$work/runner" "$2"
}
press() { for key in "$@"; do tmux -L "$socket" send-keys -- "$key"; done; }
# resize COLUMNS ROWS: until the program's terminal has the size. tmux 3.3a changes its window at once and now and then
# leaves the terminal at an earlier size until something else happens: another change makes it tell.
resize() {
    tty=$(tmux -L "$socket" display-message -p "#{pane_tty}")
    for _ in $(seq 20); do
        tmux -L "$socket" resize-window -x "$1" -y "$2"
        for _ in $(seq 10); do
            [ "$(stty size <"$tty")" = "$2 $1" ] && return 0
            sleep 0.1
        done
        tmux -L "$socket" resize-window -x $(($1 + 1)) -y "$2"
        sleep 0.5
    done
    ok [ "$(stty size <"$tty")" = "$2 $1" ]
}
# A program that is to get a signal is started with its process id in a file.
tell_pid="echo \$\$ >$work/pid; exec $KVSTEP"
signal() { kill -s "$1" "$(cat "$work/pid")"; }
screen() { tmux -L "$socket" capture-pane -p >"$work/screen"; }
# shows TEXT: within 20 seconds, so that a slow machine is no failure.
shows() {
    for _ in $(seq 200); do
        screen
        grep -qF -- "$1" "$work/screen" && return 0
        sleep 0.1
    done
    [ -n "$failed" ] || failed="\"$1\" is not on the screen: $(cat "$work/screen")"
}

begin "right runs the prefill, then one token at a time"
start 120x36 "$KVSTEP"
shows "No pass has run yet"
press Right
shows "step 0/0 · prefill · 5 rows"
press Right
shows "step 1/1 · decode · position 5"
shows "cached = recomputed"
begin "keys that come faster than steps are not lost"
press Right Right Right Right Right Right Right Right
shows "step 9/9 · decode · position 13"
press Home Right
shows "step 1/9"
begin "left goes back and right forward without computing again"
press Left
shows "step 0/9 · prefill"
press Right
shows "step 1/9 · decode"
begin "layers and heads wrap around"
press Up "["
shows "attention · layer 3 head 5"
press Down "]"
shows "attention · layer 0 head 0"
begin "space plays and stops"
step_shown() { screen; sed -n '1s/.*step \([0-9]*\).*/\1/p' "$work/screen"; }
press Space
shows "Space stop"
for _ in $(seq 200); do
    [ "$(step_shown)" -gt 4 ] && break
    sleep 0.1
done
press Space
shows "Space play"
stopped_at=$(step_shown)
ok [ "$stopped_at" -gt 4 ]
sleep 0.7
ok [ "$(step_shown)" = "$stopped_at" ]
begin "help opens and closes"
press "?"
shows "Keys of every view"
press Escape
shows "KV cache"
begin "a smaller terminal says what it needs, a larger one draws again"
resize 60 20
shows "kvstep needs 80 columns and 24 rows"
tmux -L "$socket" resize-window -x 5 -y 1
resize 140 40
shows "cached = recomputed"
begin "views are opened by number, by Tab and by a click"
resize 120 36
press 2
shows "softmax weight"
press Tab
shows "stage 1 / 63"
press 4
shows "without a cache"
press 1
tmux -L "$socket" send-keys -l "$(printf '\033[M \\"')" # a click on the tab "2 attention", as xterm tells it
tmux -L "$socket" send-keys -l "$(printf '\033[M#\\"')"
shows "softmax weight"
press 1
begin "a branch goes on from another candidate"
press Home 7 Down
shows "[2]"
press Enter
shows "a new branch, 2 in all"
press 1 Right
shows "step 1/1"
press b
shows "branches · 2 so far"
press Up Enter
shows "branch 0, 2 in all"
begin "the command line runs commands, and says what is wrong with one"
press : t h e m Tab l i g Enter
shows "theme: light"
press : s t p Enter
shows "did you mean step?"
press : "temperature 0.7" Enter
shows "temperature 0.7 · top-k"
shows "step 0/0"
press : "model story-gqa" Enter
shows "GQA 8:2"
shows "step 0/0"
press Escape
begin "the steps and the screen are saved from inside"
press Right
shows "step 1/1"
press : "save $work/inside.json" Enter
shows "the trace is in"
press : "screen $work/inside.svg" Enter
shows "the screen is in"
ok [ -s "$work/inside.svg" ]
ok "$KVSTEP" view --help >/dev/null
begin "many resizes in a row end with the right screen"
for i in 1 2 3 4 5 6 7 8; do
    tmux -L "$socket" resize-window -x $((80 + 9 * i)) -y $((24 + 3 * i))
done
resize 100 30
press 1
for _ in $(seq 100); do
    screen
    sed -n 30p "$work/screen" | grep -q 'Tab view' && break
    sleep 0.1
done
ok [ "$(sed -n 30p "$work/screen" | grep -c 'Tab view.*┘')" = 1 ]
begin "q leaves with status 0 and the terminal as it was"
press q
shows "status=0 terminal: icanon echo ."

begin "a signal puts the terminal back"
start 80x24 "sh -c '$tell_pid'"
shows "No pass has run yet"
signal TERM
shows "status=143 terminal: icanon echo ."
begin "a crash puts the terminal back"
start 80x24 "sh -c '$tell_pid'"
shows "No pass has run yet"
signal SEGV
shows "status=139 terminal: icanon echo ."

begin "a stop and a resume draw the screen again"
start 100x30 "PS1='$ ' bash --norc"
press "$KVSTEP" Enter
shows "No pass has run yet"
press Right
shows "step 0/0"
press C-z
shows "Stopped"
press "stty -a | tr ' ;' '\\n\\n' | grep -x icanon; fg" Enter
shows "KV cache"
press Right
shows "step 1/1"
press q
shows "icanon"
press exit Enter
begin "a terminal that goes away ends the program"
start 80x24 "sh -c '$tell_pid'"
shows "No pass has run yet"
tmux -L "$socket" kill-server
for _ in $(seq 100); do
    kill -0 "$(cat "$work/pid")" 2>/dev/null || break
    sleep 0.1
done
ok [ -z "$(ps -o stat= -p "$(cat "$work/pid")" | grep -v Z)" ]

begin "a trace opens in the same screen, without a model"
"$KVSTEP" run tests/golden/gpt2 --ids 1,2,3 -n 3 --trace "$work/trace.json" >/dev/null
start 80x24 "$KVSTEP view $work/trace.json"
shows "step 0/2"
press End
shows "step 2/2"
press Right
shows "last step of the trace"
press q
shows "status=0"
begin "a text is generated to its end"
start 80x24 "$KVSTEP tests/golden/gpt2 --ids 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64"
shows "64 prompt tokens"
press Right
shows "prefill · 64 rows"
press Right
shows "the context is full"
begin "a lesson is taken at the keyboard: a wrong answer, a hint, the right one, leaving, and going on"
awk '/^````markdown$/ { inside = 1; next } /^````$/ { inside = 0 } inside' docs/lessons.md >"$work/example.md"
lesson="XDG_STATE_HOME=$work/state exec $KVSTEP lesson $work/example.md"
start 140x40 "$lesson"
shows "How many rows will the next step compute?"
press Enter 8 Enter
shows "8 is not it. That is what the cache holds"
press i
shows "hint 1/2"
press Enter 1 Enter
shows "right: 1"
shows "step 1/1 · decode"
press Enter
shows "What did that step read"
press q
sleep 0.3
start 80x24 "$lesson"
shows "What did that step read"
press Enter 1 Enter
shows "Nobody reads an old Q"
press S
shows "skipped"
shows "Look at layer 3, head 2"
press o
shows "attention · layer 0 head 0"
shows "step 1/1"
press "]"
shows "layer 0 head 1"
press "]"
shows "layer 0 head 2"
press k
shows "layer 3 head 2"
shows "the task is done"
press o
shows "done"
press "<"
shows "The prompt has 7 tokens"
press q
begin "presenting goes on with one key"
start 120x36 "XDG_STATE_HOME=$work/state2 exec $KVSTEP lesson --present $work/example.md"
shows "How many rows"
press PageDown
shows "skipped: 1"
press PageDown
shows "What did that step read"
press q
begin "without UTF-8 the screen is ASCII"
start 80x24 "LC_ALL=C $KVSTEP view $work/trace.json"
shows "step 0/2"
ok [ "$(LC_ALL=C grep -c '[^ -~]' "$work/screen")" = 0 ]
begin "it runs without colours"
start 80x24 "NO_COLOR=1 $KVSTEP view $work/trace.json"
shows "step 0/2"
tmux -L "$socket" capture-pane -p -e >"$work/screen"
ok [ "$(grep -cE "$(printf '\033')\[[0-9;]*3[0-8]" "$work/screen")" = 0 ]
begin "a script that quits leaves without a key"
start 80x24 "$KVSTEP -c quit"
shows "status=0 terminal: icanon echo ."
start 80x24 "$KVSTEP -c step -c quit"
shows "status=0 terminal: icanon echo ."
begin "an unknown terminal type is an error that says so"
start 80x24 "TERM=nonsense $KVSTEP"
shows "TERM=nonsense"
shows "status=1 terminal: icanon echo ."
begin "--lang zh shows a Chinese screen"
start 80x24 "$KVSTEP --lang zh view tests/golden/story/trace.json"
shows "注意力 · 层 0 头 0"
press 7
shows "第 0 步：词元 5 的候选"
finish
