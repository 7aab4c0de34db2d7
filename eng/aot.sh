#!/usr/bin/env bash
# Publishes a guarded agent ahead of time, with every warning an error, runs it, and says how big it is and how fast it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out" eng/aot/bin eng/aot/obj' EXIT
options=()
command -v clang >/dev/null || options+=(-p:CppCompilerAndLinker=gcc)

dotnet publish eng/aot -c Release --ucr -o "$out" -p:IsAheadOfTime=true "${options[@]}" | tee "$out/log"
warnings=$(grep -cE 'warning (IL|CS|AOT)[0-9]+' "$out/log" || true)

"$out/AheadOfTime"

# Start to exit of the whole run, the median of 21.
starts=$(for _ in $(seq 21); do
  began=$(date +%s%N)
  "$out/AheadOfTime" >/dev/null
  echo $((($(date +%s%N) - began) / 1000))
done | sort -n | sed -n 11p)
size=$(stat -c %s "$out/AheadOfTime")
awk -v w="$warnings" -v s="$size" -v t="$starts" 'BEGIN { printf "%d warnings, %.1f MB, %.0f ms from start to exit\n", w, s / 1048576, t / 1000 }'
[ "$warnings" -eq 0 ]
