#!/bin/bash
# run.sh WORK PAGE... - pages in a headless Chromium: see check.mjs. axe-core is installed into WORK, where
# pictures of the pages are left too. Ends with 77 (skipped) and the reason where something is absent.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1
shift

skip() {
    echo "$1"
    echo "[  SKIPPED ] pages_in_a_browser"
    exit 77
}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    skip "no chromium here (ci/deps.sh --browser)"
command -v node >/dev/null || skip "no node here (ci/deps.sh --browser)"
node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' || skip "node is older than 18"
axe=$work/node_modules/axe-core/axe.min.js
mkdir -p "$work"
if ! [ -e "$axe" ] || ! cmp -s "$here/package.json" "$work/package.json"; then
    command -v npm >/dev/null || skip "no npm here (ci/deps.sh --browser)"
    cp "$here/package.json" "$work"
    npm install --prefix "$work" --no-package-lock --no-audit --no-fund --ignore-scripts \
        >"$work/npm.log" 2>&1 || { rm "$work/package.json"; skip "npm cannot install axe-core"; }
fi
exec node "$here/check.mjs" "$browser" "$axe" "$work" "$@"
