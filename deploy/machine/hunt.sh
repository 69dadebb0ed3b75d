#!/bin/sh
# The hunt command of an installed engine, with the Node that it brings.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
exec "$home/bin/node" --max-semi-space-size=16 --initial-old-space-size=48 --heap-growing-percent=50 \
    "$home/packages/cli/bin/hunt.js" "$@"
