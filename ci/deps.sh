#!/bin/bash
# ci/deps.sh [--test] [--browser] [--lint] [--adapters] - installs the Debian packages that are missing;
# silent when none is.
# --list names those that a build needs.
# --adapters adds the engines that adapters are for; ONNX Runtime comes out of an npm package, unpacked
# and not installed, into build/onnxruntime.
# Asks dpkg, not the network, what is there. A tool found in PATH counts as its package.
set -euo pipefail

# package or package:tool
demo='gcc:gcc libc6-dev cmake:cmake ninja-build:ninja pkg-config:pkg-config
      libopenblas-dev libcmocka-dev libjansson-dev libcyaml-dev libyaml-dev libpng-dev libturbojpeg0-dev zlib1g-dev
      protobuf-c-compiler:protoc-c libprotobuf-c-dev libonnx-dev libsqlite3-dev'
test='git:git g++:g++ clang:clang libclang-rt-dev lcov:lcov libxml2-utils:xmllint locales libonnx-testdata xz-utils:xz
      check libcriterion-dev libgtest-dev dpkg-dev:dpkg-shlibdeps file:file groff-base:groff debootstrap:debootstrap'
adapters='liblinear-dev libfann-dev darknet npm:npm'
browser='chromium:chromium nodejs:node npm:npm'
lint='clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck'

onnxruntime=1.30.0

# Only the library is taken: none of the package's scripts is run.
get_onnxruntime() {
    local folder arch work
    folder=$(cd "$(dirname "$0")/.." && pwd)/build/onnxruntime
    [ -n "${SALCHECK_ORT_LIB:-}" ] || [ -e "$folder/libonnxruntime.so.1" ] && return 0
    case $(uname -sm) in
    'Linux x86_64') arch=x64 ;;
    'Linux aarch64') arch=arm64 ;;
    *) echo "ci/deps.sh: onnxruntime is left out: no library for $(uname -sm)" >&2; return 0 ;;
    esac
    if ! command -v npm >/dev/null; then
        echo "ci/deps.sh: onnxruntime is left out: npm is not here, nor SALCHECK_ORT_LIB" >&2
        return 0
    fi
    echo "getting onnxruntime $onnxruntime"
    work=$(mktemp -d)
    if (cd "$work" && npm pack --silent --ignore-scripts "onnxruntime-node@$onnxruntime" >/dev/null &&
        tar -xzf onnxruntime-node-*.tgz --wildcards "package/bin/*/linux/$arch/libonnxruntime.so.1") &&
        mkdir -p "$folder" && mv "$work"/package/bin/*/linux/"$arch"/libonnxruntime.so.1 "$folder"; then
        rm -rf "$work"
    else
        rm -rf "$work"
        echo "ci/deps.sh: onnxruntime is left out: npm could not get it" >&2
    fi
}

wanted=$demo engines=0
for arg in "$@"; do
    case $arg in
    --test) wanted+=$'\n'$test ;;
    --browser) wanted+=$'\n'$browser ;;
    --lint) wanted+=$'\n'$lint ;;
    --adapters) wanted+=$'\n'$adapters; engines=1 ;;
    --list) sed -E 's/:[^ ]*//g' <<<"$demo" | xargs; exit 0 ;;
    *) echo "usage: ci/deps.sh [--test] [--browser] [--lint] [--adapters] [--list]" >&2; exit 2 ;;
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
install_missing() {
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
    if apt-cache show "${missing[@]}" >/dev/null 2>&1 && install >"$log" 2>&1; then return; fi
    if ! { update && install; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "ci/deps.sh: apt-get could not install: ${missing[*]}" >&2
        exit 1
    fi
}

missing=()
for entry in $wanted; do
    is_there "$entry" || missing+=("${entry%%:*}")
done
[ ${#missing[@]} -eq 0 ] || install_missing
[ $engines = 0 ] || get_onnxruntime
