#!/usr/bin/env bash
# Fuzzes the targets of fuzz/Aegis.Fuzzing with afl-fuzz, guided by the coverage of Aegis' own code:
#   eng/fuzz.sh [seconds per target, 60] [target…, all]
# Prints what each has done. Inputs that break a law are kept in fuzz/Aegis.Fuzzing/Found, and it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
seconds=${1:-60}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(scanner stream policy arguments history)
project=fuzz/Aegis.Fuzzing
work=$(mktemp -d)
mkdir "$work/found"
trap 'rm -rf "$work"' EXIT

command -v afl-fuzz >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends afl++; } >/dev/null
dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$work/tool" >/dev/null
dotnet publish "$project" -c Release -o "$work/out" -v q
cp -r "$work/out" "$work/plain"   # what is instrumented runs under afl-fuzz only
for library in Aegis.Core Aegis.ExtensionsAI; do "$work/tool/sharpfuzz" "$work/out/$library.dll"; done

# The child is a .NET program: afl-fuzz sees no instrumentation in `dotnet`, and the runtime needs more memory than it would grant.
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export DOTNET_TieredPGO=0 DOTNET_TieredCompilation=1 AFL_FORKSRV_INIT_TMOUT=60000 AFL_HANG_TMOUT=5000
broken=0
for target in "${targets[@]}"; do
  mkdir -p "$work/in/$target"
  find "$project/Seeds/$target" "$project/Found/$target" -type f -size +0 -exec cp -t "$work/in/$target" {} +
  afl-fuzz -i "$work/in/$target" -o "$work/found/$target" -x "$project/words.dict" -V "$seconds" -t 10000 -m none -G 4096 -- \
    dotnet "$work/out/Aegis.Fuzzing.dll" "$target" >"$work/$target.log" 2>&1 || { tail -n 30 "$work/$target.log"; broken=$((broken + 1)); continue; }
  results=$work/found/$target/default
  said() { sed -n "s/^$1 *: *//p" "$results/fuzzer_stats"; }
  crashes=$(find "$results/crashes" -name 'id:*' | wc -l)
  hangs=$(find "$results/hangs" -name 'id:*' | wc -l)
  printf '%-10s %9d execs %8.0f execs/s %5d inputs kept, %s of the map, %d crashes, %d hangs\n' \
    "$target" "$(said execs_done)" "$(said execs_per_sec)" "$(said corpus_count)" "$(said bitmap_cvg)" "$crashes" "$hangs"
  while IFS= read -r -d '' crash; do
    cp "$crash" "$project/Found/$target/$(sha256sum "$crash" | cut -c 1-16)"
  done < <(find "$results/crashes" -name 'id:*' -print0)
  [ "$crashes" -eq 0 ] || { broken=$((broken + 1)); dotnet "$work/plain/Aegis.Fuzzing.dll" "$target" "$project/Found/$target"/* | grep -A 2 '^BREAKS' || true; }
done
[ "$broken" -eq 0 ]
