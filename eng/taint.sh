#!/usr/bin/env bash
# Looks in the logs and results of the suites for the word that no output may hold (tests/Shared/Taint.cs): eng/taint.sh FOLDER
# First that it would be found, in each form and in each way in which a test can print.
set -euo pipefail
cd "$(dirname "$0")/.."
word=$(sed -n 's/.*const string Word = "\(.*\)";.*/\1/p' tests/Shared/Taint.cs)
[ -n "$word" ]
base64() { printf '%s' "$1" | command base64 -w0; }
forms=("$word" "$(base64 "$word" | head -c -4)" "$(base64 ".$word" | tail -c +5 | head -c -4)" "$(base64 "..$word" | tail -c +5 | head -c -4)" "$(printf '%s' "$word" | od -An -tx1 | tr -d ' \n')")
options=(); for form in "${forms[@]}"; do options+=(-e "$form"); done
hits() { grep -rniaF "${options[@]}" "$1" || [ $? -eq 1 ]; }

trial=$(mktemp -d)
n=0
for text in "${forms[@]}" "$(tr 'A-Z' 'a-z' <<< "$word")"; do
  n=$((n + 1)); printf 'a line\nwith %s in it\n' "$text" > "$trial/$n.log"
done
[ "$(hits "$trial" | wc -l)" -eq "$n" ] || { echo "taint: the search does not find what it looks for"; exit 1; }
rm -r "$trial"

# Tainting/ControlTests prints these, so that what is searched does hold what tests print.
for way in output error trace helper; do
  grep -rqaF "taint-control-$way" "$1" || { echo "taint: nothing that tests print to '$way' is in $1"; exit 1; }
done

if found=$(hits "$1") && [ -n "$found" ]; then
  grep -oaiE "^[^:]*:[0-9]+:|.{0,60}$word.{0,60}" <<< "$found" | cut -c1-200 | head -100   # a result may be one line
  echo "taint: $(wc -l <<< "$found") lines hold what must not be written down"
  exit 1
fi
echo "taint: 0 hits in $(find "$1" -type f | wc -l) files, $(du -sk "$1" | cut -f1) KB"
