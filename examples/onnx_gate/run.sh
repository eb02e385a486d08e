#!/bin/bash
# run.sh - checks and the cascade on networks from files; see README.md.
#
#     run.sh cifar|photographs|cascade SALCHECK ONNX_CASCADE OUT
#
# Networks lie in $SALCHECK_ASSETS (or, the small ones, beside the goldens of $SALCHECK_GOLDEN),
# photographs in $SALCHECK_PHOTOS. Ends with 77 and a reason when they are not there.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mode=$1 salcheck=$2 cascade=$3 out=$4/$1
assets=${SALCHECK_ASSETS:-} beside=${SALCHECK_GOLDEN:+$SALCHECK_GOLDEN/..}
photos=${SALCHECK_PHOTOS:-${beside:+$beside/data/photos}}

find_file() { # name, within a folder of networks or of data
    for folder in "$assets" "$assets/cifar10" "$beside/models"; do
        [ -e "$folder/$1" ] && { echo "$folder/$1"; return; }
    done
    echo "skipped: no $1 in SALCHECK_ASSETS" >&2
    exit 77
}

first_photos() { # how many, evenly spread over the folder
    [ -n "$photos" ] && [ -d "$photos" ] || { echo "skipped: no photographs: SALCHECK_PHOTOS" >&2; exit 77; }
    shopt -s nullglob
    local all=("$photos"/*.jpg "$photos"/*.png)
    [ ${#all[@]} -ge "$1" ] || { echo "skipped: fewer than $1 pictures in SALCHECK_PHOTOS" >&2; exit 77; }
    for ((i = 0; i < $1; i++)); do printf '%s\n' "${all[i * ${#all[@]} / $1]}"; done
}

# Runs one check and compares the outcome of every method with what is known: "method=pass".
bad=0
gate() { # title, check, "method=outcome ...", arguments of salcheck
    local title=$1 check=$2 known=$3 methods='' one start=$SECONDS
    shift 3
    for one in $known; do methods+=,${one%=*}; done
    rm -f "$out/$title-$check.jsonl"
    "$salcheck" check "$check" "$@" --method "${methods#,}" --quiet --pictures '' \
        --out "$out/$title-$check.jsonl" >"$out/$title-$check.txt" 2>"$out/$title-$check.err"
    echo "$title, $check, $((SECONDS - start)) s"
    grep -E ' (pass|fail|inconclusive|invalid)$' "$out/$title-$check.txt"
    [ -s "$out/$title-$check.jsonl" ] || { cat "$out/$title-$check.err"; bad=1; }
    for one in $known; do
        [ "${one#*=}" = any ] && continue
        local got='' outcomes
        outcomes=$(awk -v m="${one%=*}" '/ (pass|fail|inconclusive|invalid)$/ {
            if ($2 == "'"$check"'") now = $1
            if (now == m) print $NF }' "$out/$title-$check.txt")
        got=pass
        grep -q invalid <<<"$outcomes" && got=invalid
        grep -q fail <<<"$outcomes" && got=fail
        [ -n "$outcomes" ] || got=nothing
        [ "$got" = "${one#*=}" ] || { echo "    ${one%=*}: $got, known to ${one#*=}"; bad=1; }
    done
}

mkdir -p "$out" || exit 1
case $mode in
cifar)
    net=$(find_file resnet8_cifar10.onnx) || exit 77
    records=$(find_file cifar10_train1000.bin) || exit 77
    gate resnet8 params "gradient=pass gradient-x-input=pass integrated-gradients=pass \
        smoothgrad=pass gradcam=pass guided-backprop=fail sobel=fail" "$net" "$records" --scale 1
    gate resnet8 edges "gradient=pass gradcam=pass smoothgrad=pass sobel=fail" \
        "$net" "$records" --scale 1
    gate resnet8 reproducible "gradient=pass smoothgrad=any" "$net" "$records" --scale 1
    ;;
photographs)
    list=$(first_photos 32) || exit 77
    mapfile -t files <<<"$list"
    for title in squeezenet mobilenet_v2; do
        net=$(find_file ${title}_imagenet.onnx) || exit 77
        std=128 && [ $title = mobilenet_v2 ] && std=127
        how=(--scale 1 --mean 128 --std $std)
        gate $title params "gradient=pass smoothgrad=pass gradcam=pass guided-backprop=fail \
            sobel=fail" "$net" "${files[@]}" "${how[@]}"
        gate $title edges "gradient=pass gradcam=pass guided-backprop=any sobel=fail" \
            "$net" "${files[@]}" "${how[@]}"
        gate $title reproducible "gradient=pass smoothgrad=any" "$net" "${files[@]}" "${how[@]}"
    done
    ;;
cascade)
    net=$(find_file inception_v3_5class.onnx) || exit 77
    list=$(first_photos 2) || exit 77
    mapfile -t files <<<"$list"
    "$cascade" 16 "$net" "$here/inception_v3.blocks" "$out" "${files[@]}"
    exit
    ;;
*)
    echo "usage: run.sh cifar|photographs|cascade SALCHECK ONNX_CASCADE OUT" >&2
    exit 2
    ;;
esac
exit $bad
