#!/usr/bin/env bash
# Writes what is public now into PublicAPI.Unshipped.txt of a source project: eng/public-api.sh src/Aegis.Core
set -euo pipefail
cd "$(dirname "$0")/.."
file="$1/PublicAPI.Unshipped.txt"
printf '#nullable enable\n' > "$file"
{ dotnet build "$1" --no-incremental -p:TreatWarningsAsErrors=false -m:1 || true; } |
  sed -n "s/.*RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u >> "$file"
wc -l "$file"
