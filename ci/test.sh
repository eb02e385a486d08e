#!/bin/bash
# ci/test.sh [--long] - everything a change must pass, in under 10 minutes on 2 cores: gcc and clang
# without a warning, the guards, all tests, the tests under address and undefined-behaviour
# sanitizers (but for those labelled slow), 5 seconds of every fuzzer. --long adds the slow ones, the
# Debian package in a bare system, the coverage gate, makes that 10 minutes of every fuzzer, and installs
# a browser for the tests of pages, which are skipped where there is none.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
long=0
case ${1:-} in
'') ;;
--long) long=1 ;;
*) echo "usage: ci/test.sh [--long]" >&2; exit 2 ;;
esac

if [ $long = 1 ]; then bash ci/deps.sh --test --browser || exit 1; else bash ci/deps.sh --test || exit 1; fi
passed=0 failed=0 skipped=0 broken=() started=$SECONDS

step() { # title, command...: a step that fails counts as one failure
    local title=$1 from=$SECONDS good=0
    shift
    echo "== $title"
    "$@" || { good=1; failed=$((failed + 1)); broken+=("$title"); }
    echo "   $((SECONDS - from)) s"
    return $good
}

# A locale with a decimal comma, for the tests only: numbers in texts must not follow it.
german_locale() {
    [ -e build/locale/de_DE.UTF-8 ] && return
    mkdir -p build/locale
    localedef -i de_DE -f UTF-8 build/locale/de_DE.UTF-8 || rm -rf build/locale/de_DE.UTF-8
}

compile() { # preset, options of cmake...
    local preset=$1 log=build/$1.log
    shift
    mkdir -p build
    if { cmake --preset "$preset" "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then return; fi
    grep -E -A8 '^FAILED|error:|Error' "$log" || tail -40 "$log"
    return 1
}

tests() { # preset, options of ctest...
    local preset=$1 report=$PWD/build/$1.xml
    shift
    rm -f "$report"
    LOCPATH=$PWD/build/locale ctest --preset "$preset" -j "$(nproc)" --timeout 300 --no-label-summary \
        --output-junit "$report" "$@" |
        grep -vE '^ +Start +[0-9]+:'
    count "$report" # a failing test is in the count already
}

count() { # JUnit file of ctest
    local n f s
    read -r n f s < <(tr '\n' ' ' <"$1" 2>/dev/null | sed -E \
        's/.*<testsuite [^>]*tests="([0-9]+)"[^>]*failures="([0-9]+)"[^>]*disabled="([0-9]+)"[^>]*skipped="([0-9]+)".*/\1 \2 \3+\4/')
    [[ ${n:-0} =~ ^[1-9][0-9]*$ ]] || { echo "no tests were run"; return 1; }
    s=$((s))
    passed=$((passed + n - f - s)) failed=$((failed + f)) skipped=$((skipped + s))
}

# What was left out: programs that say why, and in programs that passed CMocka's skipped cases, each with
# the line printed before it.
left_out() { # preset
    awk '
    / Testing: / { program = $NF }
    /^skipped: / { print "   " program " is " $0 }
    /^\[  SKIPPED \] / && !/listed below:$/ && !seen[program, $NF]++ {
        print "   skipped in " program ": " $NF " (" before ")"
        n++
    }
    { before = $0 }
    END { if (n) print "   " n " cases skipped in programs that ran" }
    ' "build/$1/Testing/Temporary/LastTest.log"
}

german_locale
step "clang: no warnings" compile clang
# gcc's warnings are less exact under sanitizers, so this preset does without -Werror
slow=(-LE slow) network=(-LE network) seconds=5
[ $long = 1 ] && slow=() network=() seconds=600
step "asan: build" compile asan && SALCHECK_QUICK=1 step "asan: tests" tests asan "${slow[@]}"
step "fuzzers, $seconds s each" bash ci/dev fuzz $seconds
[ $long = 1 ] && step "coverage" bash ci/coverage.sh
step "gcc: no warnings" compile release -DSALCHECK_WERROR=ON -DSALCHECK_TESTS=ON -DSALCHECK_EXAMPLES=ON &&
    step "tests" tests release "${network[@]}" && left_out release

for title in "${broken[@]}"; do echo "FAILED: $title"; done
echo "$((SECONDS - started)) s in all"
line="$passed passed, $failed failed"
[ $skipped -gt 0 ] && line="$line, $skipped skipped"
echo "$line"
[ $failed -eq 0 ]
