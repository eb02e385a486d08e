#!/bin/bash
# tests/install/stranger.sh WAY SOURCE BUILD SCRATCH - builds the stranger's project with salcheck as WAY
# brings it, and runs it:
#   pkg-config        what "cmake --install BUILD" installs, through pkg-config, shared and static
#   find_package      the same through CMake
#   add_subdirectory  the sources, as a part of the project
#   deb               BUILD's Debian package, unpacked into a folder, through pkg-config and CMake
# Ends with 77 where a tool is missing. CC chooses the compiler.
set -euo pipefail
way=$1 source=$2 build=$3 scratch=$4
stranger=$source/tests/install/stranger.c
rm -rf "$scratch" && mkdir -p "$scratch"

expect() { # exit code, text, command...
    local code=0 want=$1 text=$2 said
    shift 2
    said=$("$@" 2>&1) || code=$?
    [ "$code" = "$want" ] && [[ $said == *"$text"* ]] && return
    echo "$* ended with $code, wanted $want and '$text'; it said:"
    echo "$said"
    exit 1
}

run_both() { # program
    expect 0 "salcheck 0.1" "$1"
    expect 1 "saliency check FAILED: sobel does not depend on params" "$1" caught
}

install_into() { # prefix
    cmake --install "$build" --prefix "$1" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
}

by_pkg_config() { # prefix
    local pc
    pc=$(find "$1" -name salcheck.pc)
    export PKG_CONFIG_PATH=${pc%/*}
    local flags=(-std=c11 -Wall -Wextra -Wpedantic -Werror)
    # shellcheck disable=SC2046 # words
    "${CC:-cc}" "${flags[@]}" $(pkg-config --cflags salcheck cmocka) "$stranger" -o "$scratch/shared" \
        $(pkg-config --libs salcheck cmocka)
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir salcheck) run_both "$scratch/shared"
    expect 0 "libsalcheck.so.0.1" ldd "$scratch/shared"
    # shellcheck disable=SC2046
    "${CC:-cc}" "${flags[@]}" $(pkg-config --cflags salcheck cmocka) "$stranger" -o "$scratch/static" \
        $(pkg-config --libs --static salcheck cmocka | sed 's/-lsalcheck/-l:libsalcheck.a/')
    run_both "$scratch/static"
}

by_cmake() { # options...
    local log=$scratch/cmake.log
    if ! { cmake -S "$source/tests/install" -B "$scratch/build" -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" "$@" &&
        cmake --build "$scratch/build" -j2 && cd "$scratch/build" && ctest --output-on-failure; } >"$log" 2>&1; then
        grep -E -A8 'rror' "$log" || tail -30 "$log"
        exit 1
    fi
    [[ $(cat "$log") == *"100% tests passed"* ]]
}

case $way in
pkg-config)
    install_into "$scratch/prefix"
    by_pkg_config "$scratch/prefix"
    expect 0 "salcheck 0.1" "$scratch/prefix/bin/salcheck" --version
    ;;
find_package)
    install_into "$scratch/prefix"
    mv "$scratch/prefix" "$scratch/moved" # nothing knows where it was installed
    by_cmake -DCMAKE_PREFIX_PATH="$scratch/moved"
    ;;
add_subdirectory) by_cmake -DSALCHECK_SOURCE="$source" -DSALCHECK_WERROR=ON ;;
deb)
    command -v dpkg-deb dpkg-shlibdeps file >/dev/null || { echo "no dpkg-dev or file here"; exit 77; }
    cpack --config "$build/CPackConfig.cmake" -G DEB -B "$scratch" >"$scratch/cpack.log" 2>&1 ||
        { cat "$scratch/cpack.log"; exit 1; }
    expect 0 "libopenblas0" dpkg-deb --field "$scratch"/salcheck_*.deb Depends
    dpkg-deb -x "$scratch"/salcheck_*.deb "$scratch/root"
    by_pkg_config "$scratch/root/usr"
    by_cmake -DCMAKE_PREFIX_PATH="$scratch/root/usr"
    expect 0 "salcheck 0.1" "$scratch/root/usr/bin/salcheck" --version
    ;;
*) echo "usage: tests/install/stranger.sh pkg-config|find_package|add_subdirectory|deb SOURCE BUILD SCRATCH" >&2; exit 2 ;;
esac
