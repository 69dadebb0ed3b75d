#!/bin/sh
# The hunt command of an installed engine, with the Node that it brings.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$home/bin/node" --max-semi-space-size=16 "$home/packages/cli/bin/hunt.js" "$@"
