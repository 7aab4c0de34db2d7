#!/usr/bin/env python3
"""Trains the character model of the perplexity detector on harmless texts: for each pair of symbols, how surprising the next one is.

    python3 eng/train-character-model.py DIR/prompts.jsonl src/Aegis.Core/Scanning/Detecting/character-model.bin

Symbols and skipped tokens are those of CharacterModel.cs. Probabilities: trigrams, backed off to bigrams and single symbols (each with 20
pseudo-counts, as D. MacKay and L. Peto's "A hierarchical Dirichlet language model", 1995). A byte holds sixteenths of a bit.
"""
import json
import math
import re
import sys

GROUPS = [".!?", ",;:", "'\"`‘’“”", "([{", ")]}", "/\\", "-_–—", "=+*<>|&^%~", "@#$"]
COUNT = 40
LONGEST = 6_000
PRIOR = 20
LEFT_OUT = {"encoded", "in-the-wild-regular"}
SKIPPED = re.compile(r"\S*(?:://|www\.)\S*|\S+@\S+\.\S+|(?<!\S)[0-9A-Fa-f-]{16,}(?!\S)|(?<!\S)[A-Za-z0-9+/_=-]{32,}(?!\S)")


def symbol(c):
    if "a" <= c <= "z":
        return ord(c) - ord("a")
    if "A" <= c <= "Z":
        return ord(c) - ord("A")
    if "0" <= c <= "9":
        return 26
    if c == " ":
        return 27
    if c == "\n":
        return 28
    for i, group in enumerate(GROUPS):
        if c in group:
            return 30 + i
    return 29 if ord(c) >= 128 and c.isalpha() else 39


def symbols(text):
    text = SKIPPED.sub("", text)
    text = re.sub(r"\s+", lambda blank: "\n" if "\n" in blank.group() or "\r" in blank.group() else " ", text)
    return [symbol(c) for c in text[:LONGEST]]


def main(source, target):
    counts = [0] * COUNT ** 3
    with open(source, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["label"] == 0 and row["source"] not in LEFT_OUT:
                text = symbols(row["text"])
                for a, b, c in zip(text, text[1:], text[2:]):
                    counts[(a * COUNT + b) * COUNT + c] += 1
    pairs = [[sum(counts[(a * COUNT + b) * COUNT + c] for a in range(COUNT)) for c in range(COUNT)] for b in range(COUNT)]
    single = [1 + sum(pairs[b][c] for b in range(COUNT)) for c in range(COUNT)]
    total = sum(single)
    model = bytearray()
    for a in range(COUNT):
        for b in range(COUNT):
            seen = counts[(a * COUNT + b) * COUNT:(a * COUNT + b + 1) * COUNT]
            for c in range(COUNT):
                backed = (pairs[b][c] + PRIOR * single[c] / total) / (sum(pairs[b]) + PRIOR)
                bits = -math.log2((seen[c] + PRIOR * backed) / (sum(seen) + PRIOR))
                model.append(min(255, round(16 * bits)))
    with open(target, "wb") as file:
        file.write(model)
    print(sum(counts), "trigrams")


if __name__ == "__main__":
    main(*sys.argv[1:])
