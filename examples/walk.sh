#!/usr/bin/env bash
# Runs the walk of README.md, exactly its blocks, against a running server, then checks what came of it.
#
#   bash examples/walk.sh                                   the server at http://localhost:8080
#   COLLOQUIUM_URL=http://localhost:9000 bash examples/walk.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export COLLOQUIUM_URL="${COLLOQUIUM_URL:-http://localhost:8080}"

fail() {
  echo "walk.sh: $*" >&2
  exit 1
}

for tool in curl python3; do
  command -v "$tool" >/dev/null || fail "$tool is needed"
done
curl -sS --max-time 10 -o /dev/null "$COLLOQUIUM_URL/health" ||
  fail "no server answers at $COLLOQUIUM_URL; start one with \`cargo run\`, or set COLLOQUIUM_URL"

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# What stands in ```sh blocks between the two markers.
awk '
  /^<!-- walk:end -->$/   { inside = 0 }
  inside && /^```$/       { block = 0 }
  inside && block         { print }
  inside && /^```sh$/     { block = 1 }
  /^<!-- walk:begin -->$/ { inside = 1 }
' README.md >"$place/walk"
[ "$(grep -c . "$place/walk")" -ge 30 ] || fail "README.md has no walk between its markers"

# The checks run in the same shell, so that they know what the walk knows.
cat >"$place/checks" <<'CHECKS'
expect() {
  if [ "$2" != "$3" ]; then
    echo "walk.sh: $1: expected $3, found $2" >&2
    exit 1
  fi
}
status() {
  curl -sS -o /dev/null -w '%{http_code}' "$@"
}
count() {
  python3 -c 'import json, sys; print(len(json.load(sys.stdin)[sys.argv[1]]))' "$1"
}
second=$(echo "$report" | pick imported 1 id)
expect "conversations imported" "$(echo "$report" | count imported)" 3
expect "conversations failed" "$(echo "$report" | count failed)" 0
expect "the conversation Ana read" "$found" "$first"
expect "what Ben has" "$(curl -sS "$api/classes/$class/conversations" -H "$as_ben" | count items)" 3
expect "what Ana sees" "$(curl -sS "$api/classes/$class/conversations" -H "$as_ana" | count items)" 1
expect "Ana opens what is not shared" "$(status "$api/conversations/$second" -H "$as_ana")" 404
expect "somebody without an account" "$(status "$api/conversations/$first")" 401
expect "the export of a conversation" "$(count messages <"$out/conversation.json")" \
  "$(curl -sS "$api/conversations/$first?include=messages&branches=all" -H "$as_ben" | count items)"
rm -r "$out"
expect "the same file again" \
  "$(status "$api/classes/$class/imports" -H "$as_ben" --data-binary @examples/conversations.json)" 200
CHECKS

cat "$place/walk" "$place/checks" >"$place/all"
bash -euo pipefail "$place/all" | tee "$place/output" || fail "the walk of README.md does not work (see above)"
for words in '"imported": \[' '^not_found$' '^class$' \
  '^Why peeking breaks a p-value by Ben$' '^user: For my psychology' '^already here, with the same messages$' \
  "^\['Why peeking breaks a p-value'\]\$"; do
  grep -q -- "$words" "$place/output" || fail "the walk did not print $words"
done
echo
echo "The walk of README.md works at $COLLOQUIUM_URL."
