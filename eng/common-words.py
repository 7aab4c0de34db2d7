#!/usr/bin/env python3
"""Writes how rarely frequent words stand in harmless texts: src/Aegis.Core/Scanning/Rules/common-words.txt.

    python3 eng/common-words.py ../shared/data/prompts.jsonl

A line for each number of bits: minus the binary logarithm of how often a word begins at a character, rounded down. Texts of each language count alike.
"""
import collections, json, math, pathlib, re, sys, unicodedata

MOST = {"en": 13}  # bits: what is rarer is left to the character model
OTHERS = 10  # in languages with fewer texts, which speak of few things
texts = collections.defaultdict(list)
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    if row["label"] == 0:
        texts[row["lang"]].append(row["text"])

bits = {}
for language, all_texts in texts.items():
    characters = sum(map(len, all_texts))
    if characters < 50_000:
        continue
    counts = collections.Counter()
    for text in all_texts:
        folded = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
        counts.update(re.findall(r"[^\W_]+", folded))
    for word, count in counts.items():
        rarity = math.floor(-math.log2(count / characters))
        most = MOST.get(language, OTHERS)
        if count > 3 and rarity < most and len(word) < 16 and all(c < "\u0250" for c in word):
            bits[word] = min(bits.get(word, rarity), rarity)

lines = collections.defaultdict(list)
for word, rarity in bits.items():
    lines[rarity].append(word)
target = pathlib.Path(__file__).parent.parent / "src/Aegis.Core/Scanning/Rules/common-words.txt"
target.write_text("# Frequent words by how rarely they begin at a character of harmless texts, in bits: eng/common-words.py.\n" + "".join(f"{rarity}: {' '.join(sorted(words))}\n" for rarity, words in sorted(lines.items())), encoding="utf-8")
