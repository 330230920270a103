#!/bin/sh
# Installs the packages that kvstep needs and that are missing on this machine.
#
#   sh install-deps.sh        packages for building and running
#   sh install-deps.sh dev    also those for the tests, `make check` and `make fuzz`
#
# Prints the packages before installing them. Does nothing if none is missing.
set -eu

case ${1:-run} in
run | dev) level=${1:-run} ;;
*)
    sed -n '4,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

# For each package manager: how to test for a package, how to install, and the package names. Only Debian's names were
# checked; the others are the distributions' own names for the same libraries.
if command -v apt-get >/dev/null 2>&1; then
    has() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
    refresh="apt-get update -q"
    install="apt-get install -y -q --no-install-recommends"
    run="gcc make libc6-dev pkg-config gettext libncurses-dev libopenblas-dev libcjson-dev libmd4c-dev libpcre2-dev libutf8proc-dev ncurses-base"
    dev="libcmocka-dev tmux git python3 python3-jsonschema clang clang-format clang-tidy libclang-rt-dev"
elif command -v dnf >/dev/null 2>&1; then
    has() { rpm -q --whatprovides "$1" >/dev/null 2>&1; }
    refresh=
    install="dnf install -y"
    run="gcc make pkgconf-pkg-config gettext ncurses-devel openblas-devel cjson-devel md4c-devel pcre2-devel utf8proc-devel"
    dev="libcmocka-devel libasan libubsan tmux git python3 python3-jsonschema clang clang-tools-extra compiler-rt"
elif command -v pacman >/dev/null 2>&1; then
    has() { pacman -T "$1" >/dev/null 2>&1; }
    refresh="pacman -Sy --noconfirm"
    install="pacman -S --noconfirm --needed"
    run="gcc make pkgconf gettext ncurses openblas cjson md4c pcre2 libutf8proc"
    dev="cmocka tmux git python python-jsonschema clang compiler-rt"
elif command -v apk >/dev/null 2>&1; then
    has() { apk info -e "$1" >/dev/null 2>&1; }
    refresh=
    install="apk add"
    run="gcc make musl-dev pkgconf gettext musl-libintl ncurses-dev ncurses-terminfo-base openblas-dev cjson-dev md4c-dev pcre2-dev utf8proc-dev"
    dev="cmocka-dev tmux git python3 py3-jsonschema clang clang-extra-tools compiler-rt"
elif command -v brew >/dev/null 2>&1; then
    has() { brew list --versions "$1" >/dev/null 2>&1; }
    refresh=
    install="brew install"
    run="pkgconf gettext ncurses openblas cjson md4c pcre2 utf8proc"
    dev="cmocka tmux python-jsonschema llvm"
else
    echo "install-deps.sh: found none of the package managers apt-get, dnf, pacman, apk, brew." >&2
    echo "Install these yourself: a C compiler, make, pkg-config, GNU gettext, and the development files of ncursesw, OpenBLAS, cJSON, md4c, PCRE2, utf8proc;" >&2
    echo "for the tests also cmocka, tmux, git, python3 with jsonschema, clang." >&2
    exit 1
fi

[ "$level" = run ] || run="$run $dev"
missing=
for package in $run; do has "$package" || missing="$missing $package"; done
if [ -z "$missing" ]; then
    echo "Everything is installed."
    exit 0
fi

as_root=
case $install in
brew*) ;;
*)
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || { echo "install-deps.sh: run this as root, or install sudo; missing packages:$missing" >&2; exit 1; }
        as_root=sudo
    fi
    ;;
esac
echo "Installing:$missing"
[ -z "$refresh" ] || $as_root $refresh
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive $install $missing
