#!/bin/sh
# Stands for salcheck: "run SUITE ARGUMENTS..." prints its arguments and ends as the suite's first line says.
[ "$1" = run ] || exit 2
printf '<%s>' "$@"
read -r code <"$2" && exit "$code"
