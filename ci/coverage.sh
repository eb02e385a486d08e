#!/bin/bash
# ci/coverage.sh [PERCENT] - builds the coverage preset, runs the tests that are not slow, prints which
# share of the lines of src/ they reach; fails below PERCENT (90).
set -euo pipefail
cd "$(dirname "$0")/.."
least=${1:-90} build=build/coverage
export LC_ALL=C SALCHECK_QUICK=${SALCHECK_QUICK:-1} SALCHECK_COVERAGE=1
bash ci/deps.sh --test

mkdir -p build
{ cmake --preset coverage && cmake --build --preset coverage && ninja -C $build -t cleandead; } >build/coverage.log 2>&1 ||
    { grep -E -A8 '^FAILED|error:' build/coverage.log || tail -40 build/coverage.log; exit 1; }

measure() {
    lcov --quiet --directory $build --base-directory . "$@" 2>$build/lcov.log || { cat $build/lcov.log; exit 1; }
}
measure --zerocounters
find $build -name '*.gcno' | while read -r notes; do # of sources that are gone
    [ -e "${notes%.gcno}.o" ] || rm -f "$notes"
done
measure --capture --initial --output-file $build/none.info # files that no test reaches count too
ctest --preset coverage -j "$(nproc)" --timeout 600 -LE slow
measure --capture --output-file $build/run.info
measure --add-tracefile $build/none.info --add-tracefile $build/run.info --output-file $build/all.info
measure --extract $build/all.info "$PWD/src/*" --output-file $build/src.info

# one line per file below PERCENT, the worst first, then the whole
awk -F: -v least="$least" -v root="$PWD/" '
/^SF:/ { file = substr($2, length(root) + 1) }
/^LF:/ { all = $2 }
/^LH:/ { hit = $2 }
/^end_of_record/ {
    lines += all; reached += hit
    if (all && 100 * hit < least * all) printf "%6.1f %%  %s (%d of %d)\n", 100 * hit / all, file, hit, all | "sort -n"
    all = hit = 0
}
END {
    close("sort -n")
    if (!lines) { print "no lines of src/ were measured"; exit 1 }
    printf "line coverage of src/: %.1f %% (%d of %d), wanted %s %%\n", 100 * reached / lines, reached, lines, least
    exit 100 * reached < least * lines
}' $build/src.info
