#!/usr/bin/env python3
"""Measures the scanner on judged texts and writes docs/accuracy.md.

    dotnet build -c Release src/Aegis.Cli
    python3 eng/accuracy.py --data DIR [--out docs/accuracy.md] [--policy balanced]

DIR holds prompts.jsonl: {"id","text","label","kind","lang","source","channel","sub"?,"user_task"?,"quotes_attack"?} a line, label 1 for attacks; and
pii.jsonl and secrets.jsonl: {"id","text","label","entities":[{"type","start","end"}]} a line.
"""
import argparse
import json
import math
import os
import subprocess
import tempfile
from collections import defaultdict

CHECKPOINTS = {"user": "input", "tool": "tool-result", "tool_description": "tool-description"}


def wilson(hits, total):
    if total == 0:
        return 0.0, 1.0
    z, p = 1.96, hits / total
    middle, spread = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return max(0.0, (middle - spread) / (1 + z * z / total)), min(1.0, (middle + spread) / (1 + z * z / total))


def share(hits, total):
    if total == 0:
        return "–"
    low, high = wilson(hits, total)
    return f"{100 * hits / total:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def scan(tool, rows, checkpoint, policy):
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "in.jsonl"), os.path.join(folder, "out.jsonl")
        with open(source, "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps({"id": row["id"], "text": row["text"], "user_task": row.get("user_task")}, ensure_ascii=True) + "\n")
        run = subprocess.run(["dotnet", tool, "scan", "--jsonl", source, "--out", target, "--checkpoint", checkpoint, "--policy", policy], stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, 1):
            raise SystemExit(run.stderr)
        print(checkpoint, run.stderr.strip())
        with open(target, encoding="utf-8") as file:
            for row, line in zip(rows, file):
                result = json.loads(line)
                assert result["id"] == row["id"]
                row["risk"], row["blocked"] = result["risk"], result["decision"] == "block"
                row["rules"] = [finding["rule"] for finding in result["findings"]]


LEAKS = {"EMAIL": "pii/email", "PHONE": "pii/phone", "CREDIT_CARD": "pii/credit-card pii/card", "IBAN": "pii/iban", "IP_ADDRESS": "pii/ip", "SSN": "pii/us-ssn pii/ssn", "DRIVER_LICENSE": "pii/driver", "ADDRESS": "pii/address", "SECRET": "secrets/"}


def stream(tool, rows):
    """What is found in answers that arrive in pieces, with placeholders for all of it."""
    with tempfile.TemporaryDirectory() as folder:
        source, target, policy = (os.path.join(folder, name) for name in ("in.jsonl", "out.jsonl", "p.policy.json"))
        with open(policy, "w", encoding="utf-8") as file:
            json.dump({"extends": "balanced", "output": {"blockOnLeak": False, "maxLength": 1_000_000}}, file)
        with open(source, "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps({"id": row["id"], "text": row["text"]}) + "\n")
        run = subprocess.run(["dotnet", tool, "stream", "--jsonl", source, "--out", target, "--chunk", "random:1", "--policy", policy], stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, 1):
            raise SystemExit(run.stderr)
        with open(target, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def leaks(tool, folder, prompts):
    """Recall and precision by type: a value is found if a finding of its type covers half of it; a finding is right if it touches a value of any type that is judged there."""
    report = ["## Personal data and secrets in answers", "", "| type | values | found | findings of it | of these right |", "|---|---|---|---|---|"]
    for name in ("pii", "secrets"):
        with open(os.path.join(folder, f"{name}.jsonl"), encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        results = stream(tool, rows)
        for kind, rules in LEAKS.items():
            if (kind == "SECRET") != (name == "secrets"):
                continue
            values, found, findings, right = 0, 0, 0, 0
            for row, result in zip(rows, results):
                marked = [e for e in row.get("entities") or []]
                hits = [f for f in result["findings"] if f["rule"].startswith(tuple(rules.split()))]
                for value in (e for e in marked if e["type"] == kind):
                    values += 1
                    found += any(2 * (min(f["end"], value["end"]) - max(f["start"], value["start"])) >= value["end"] - value["start"] for f in hits)
                findings += len(hits)
                right += sum(any(f["start"] < e["end"] and f["end"] > e["start"] for e in marked) for f in hits)
            report.append(f"| {kind} | {values} | {share(found, values)} | {findings} | {share(right, findings)} |")
    harmless = [row for row in prompts if row["label"] == 0 and row["channel"] == "user"]
    results = stream(tool, harmless)
    for name, start in (("personal data", "pii/"), ("secrets", "secrets/")):
        hits = sum(any(f["rule"].startswith(start) for f in r["findings"]) for r in results)
        report.append(f"\nOf {len(harmless)} harmless typed texts, read as answers, {hits} have {name} in them.")
    return report + [""]


def line_at(harmless, rate):
    """The lowest risk from which no more than this share of harmless texts lies."""
    risks = sorted((row["risk"] for row in harmless), reverse=True)
    allowed = int(rate * len(risks))
    return math.nextafter(risks[allowed], 2) if allowed < len(risks) else 0.0


def table(title, groups):
    lines = [f"| {title} | texts | blocked | at 1 % false positives | at 0.5 % |", "|---|---|---|---|---|"]
    for name, rows in groups:
        lines.append(f"| {name} | {len(rows)} | {share(sum(r['blocked'] for r in rows), len(rows))} | {share(sum(r['risk'] >= r['line1'] for r in rows), len(rows))} | {share(sum(r['risk'] >= r['line05'] for r in rows), len(rows))} |")
    return lines


def by(rows, key, least=1):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [(name, group) for name, group in sorted(groups.items(), key=lambda item: -len(item[1])) if len(group) >= least]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", required=True)
    options.add_argument("--out")
    options.add_argument("--rows", help="writes each text's id, risk and rules")
    options.add_argument("--policy", default="balanced")
    options.add_argument("--tool", default="src/Aegis.Cli/bin/Release/net10.0/aegis.dll")
    chosen = options.parse_args()
    with open(os.path.join(chosen.data, "prompts.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for channel, checkpoint in CHECKPOINTS.items():
        scan(chosen.tool, [row for row in rows if row["channel"] == channel], checkpoint, chosen.policy)
    quoted = [row for row in rows if row.get("quotes_attack")]
    judged = [row for row in rows if not row.get("quotes_attack")]
    report = []
    lines = {}
    for channel in CHECKPOINTS:
        harmless = [row for row in judged if row["channel"] == channel and row["label"] == 0]
        lines[channel] = (line_at(harmless, .01), line_at(harmless, .005))
    for row in rows:
        row["line1"], row["line05"] = (max(line, 1e-9) for line in lines[row["channel"]])
    attacks = [row for row in judged if row["label"] == 1]
    harmless = [row for row in judged if row["label"] == 0]
    report += ["## Attacks that are found", ""] + table("by channel", [(f"{name}", group) for name, group in by(attacks, lambda r: r["channel"])])
    report += [""] + table("by kind", by(attacks, lambda r: r["kind"]))
    report += [""] + table("by source", by(attacks, lambda r: r["source"]))
    report += [""] + table("by language", by([r for r in attacks if r["kind"] != "encoded"], lambda r: r["lang"], 10))
    report += [""] + table("by encoding", by([r for r in attacks if r["kind"] == "encoded"], lambda r: r["sub"]))
    report += ["", "## Harmless texts that are not left alone", ""] + table("by channel", by(harmless, lambda r: r["channel"]))
    report += [""] + table("by kind", by(harmless, lambda r: r["kind"]))
    report += [""] + table("by source", by(harmless, lambda r: r["source"]))
    report += [""] + table("by language", by(harmless, lambda r: r["lang"], 20))
    report += ["", f"Texts that quote an attack ({len(quoted)}, apart): {share(sum(r['blocked'] for r in quoted), len(quoted))} are blocked." if quoted else "", ""]
    report += ["## What a risk means", "", "| risk | attacks | harmless texts | share of attacks |", "|---|---|---|---|"]
    edges = [0, 1e-9, .5, .7, .8, .9, .95, 1.01]
    for low, high in zip(edges, edges[1:]):
        a, h = sum(low <= r["risk"] < high for r in attacks), sum(low <= r["risk"] < high for r in harmless)
        report.append(f"| {'0' if high == 1e-9 else f'{low if low >= .5 else 0:g} to {min(high, 1):g}'} | {a} | {h} | {share(a, a + h)} |")
    report += [""] + leaks(chosen.tool, chosen.data, rows)
    text = "\n".join(report) + "\n"
    if chosen.rows:
        with open(chosen.rows, "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps({key: row.get(key) for key in ("id", "label", "kind", "lang", "source", "channel", "sub", "risk", "blocked", "rules")}) + "\n")
    if chosen.out:
        with open(chosen.out, encoding="utf-8") as file:
            before = file.read()
        head = before.split("<!-- measured -->")[0]
        with open(chosen.out, "w", encoding="utf-8") as file:
            file.write(head + "<!-- measured -->\n\n" + text)
    else:
        print(text)


if __name__ == "__main__":
    main()
