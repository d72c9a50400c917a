#!/usr/bin/env bash
# Exit status 0: the engine that up.sh starts is running already, so whoever calls up.sh now must not stop it afterwards.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"
engine_pid > /dev/null
