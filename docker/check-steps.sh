#!/usr/bin/env bash
# Runs the steps of docker/Dockerfile without Docker, in a temporary copy: install, build, prune, start as the image starts,
# ask what its HEALTHCHECK asks, stop. The commands are read from the Dockerfile, so that the two cannot differ.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then kill -KILL "$server"; fi
  rm -rf "$work"
}
trap cleanup EXIT

step() { printf '\n== %s\n' "$*"; }

# What the build context has: the tracked files that Dockerfile.dockerignore lets in.
mkdir "$work/app"
(cd "$root" && git ls-files -z -- package.json package-lock.json tsconfig.json libs src LICENSE | grep -zv '\.spec\.ts$' | xargs -0 cp --parents -t "$work/app")
cd "$work/app"

dockerfile=$root/docker/Dockerfile
mapfile -t build_steps < <(awk '/^FROM/ { stage++ } stage == 1 && sub(/^RUN /, "")' "$dockerfile")
start=$(sed -n 's/^CMD \[\(.*\)\]$/\1/p' "$dockerfile")
probe=$(sed -n 's/^  *CMD \[\(.*\)\]$/\1/p' "$dockerfile")
[ "${#build_steps[@]}" -ge 2 ] && [ -n "$start" ] && [ -n "$probe" ] || { echo 'the Dockerfile no longer has the steps that this script runs'; exit 1; }

# The project's own Node, as the image has it, also where the build has pruned it away.
node=$(readlink -f "$root/node_modules/.bin/node")
export PATH="$(dirname "$node"):$PATH"

for command in "${build_steps[@]}"; do
  step "RUN $command"
  bash -euc "$command"
done

mkdir "$work/data"
export NODE_ENV=production HOST=127.0.0.1 MCPW_DATA_DIR=$work/data
PORT=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export PORT

step "CMD $start"
words() { tr -d ',' <<<"$1"; }
declare -a argv="($(words "$start"))" probe_argv="($(words "$probe"))"
"${argv[@]}" >"$work/log" 2>&1 &
server=$!

step "HEALTHCHECK $probe"
for attempt in $(seq 1 100); do
  if "${probe_argv[@]}" 2>"$work/probe"; then healthy=yes; break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.2
done
if [ "${healthy:-no}" != yes ]; then
  cat "$work/log" "$work/probe"
  echo 'the server did not become healthy'
  exit 1
fi
echo "healthy at attempt $attempt"

step 'STOPSIGNAL'
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
if [ "$status" -ne 0 ]; then
  cat "$work/log"
  echo "the server ended with $status"
  exit 1
fi
echo 'stopped cleanly'
