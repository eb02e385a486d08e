#!/bin/bash
# ci/deps.sh [--test] [--lint] - installs the Debian packages that are missing; silent when none is.
# --list names those that a build needs.
# Asks dpkg, not the network, what is there. A tool found in PATH counts as its package.
set -euo pipefail

# package or package:tool
demo='gcc:gcc libc6-dev cmake:cmake ninja-build:ninja pkg-config:pkg-config
      libopenblas-dev libcmocka-dev libjansson-dev libpng-dev libturbojpeg0-dev zlib1g-dev
      libsqlite3-dev protobuf-c-compiler:protoc-c libprotobuf-c-dev libonnx-dev'
test='git:git g++:g++ clang:clang lcov:lcov libxml2-utils:xmllint locales libonnx-testdata xz-utils:xz'
lint='clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck'

wanted=$demo
for arg in "$@"; do
    case $arg in
    --test) wanted+=$'\n'$test ;;
    --lint) wanted+=$'\n'$lint ;;
    --list) sed -E 's/:[^ ]*//g' <<<"$demo" | xargs; exit 0 ;;
    *) echo "usage: ci/deps.sh [--test] [--lint] [--list]" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "ci/deps.sh: no dpkg here; these Debian packages have to be there under your names:" >&2
    sed -E 's/:[^ ]*//g; s/^ */    /' <<<"$wanted" >&2
    exit 0
fi

is_there() { # package[:tool]
    case $1 in *:*) command -v "${1#*:}" >/dev/null && return ;; esac
    dpkg-query -W -f '${db:Status-Status}\n' "${1%%:*}" 2>/dev/null | grep -qx installed
}
missing=()
for entry in $wanted; do
    is_there "$entry" || missing+=("${entry%%:*}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n env)
elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ]; then
    as_root=(sudo env)
else
    echo "ci/deps.sh: packages are missing and this is not root. Please have run, once:" >&2
    echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
as_root+=(DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)

install() { "${as_root[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null; }
update() { "${as_root[@]}" update </dev/null; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing ${missing[*]}"
# A bare system has no package lists; old lists name files that are gone: update, then once more.
if apt-cache show "${missing[@]}" >/dev/null 2>&1 && install >"$log" 2>&1; then exit 0; fi
if ! { update && install; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "ci/deps.sh: apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
