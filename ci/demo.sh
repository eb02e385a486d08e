#!/bin/bash
# ci/demo.sh - from a bare Debian 12 to the table of verdicts: packages, build, demo. Results go to
# demo-out/. Arguments are handed to the demo.
set -euo pipefail
cd "$(dirname "$0")/.."

bash ci/deps.sh
# Warnings are errors for developers (ci/test.sh), not for whoever has another compiler.
configured=build/release/build.ninja
[ -e $configured ] || cmake --preset release -DSALCHECK_WERROR=OFF -DSALCHECK_TESTS=OFF >/dev/null
echo "building build/release"
log=build/release/demo-build.log
if ! cmake --build --preset release --target mnist_demo >$log 2>&1; then
    cat $log >&2
    exit 1
fi

mkdir -p demo-out
build/release/examples/mnist/mnist_demo "$@"

echo "results: $PWD/demo-out"
