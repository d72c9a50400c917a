#!/usr/bin/env bash
# Makes redis:8 from debian:trixie-slim and Debian's Redis.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

"$DOCKER_CLI" build --quiet --tag "$1" --file "$here/redis.Dockerfile" "$here" > /dev/null
