#!/usr/bin/env python3
"""Attacks the presets 'balanced' and 'strict' with all suites, and writes the rates into README.md and what got through into docs/red-team-presets.md.

    dotnet build -c Release src/Aegis.Cli && python3 eng/red-team.py
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / "src/Aegis.Cli/bin/Release/net10.0/aegis.dll"
PRESETS = ["balanced", "strict"]
BEGIN, END = "<!-- red-team: eng/red-team.py -->\n", "<!-- /red-team -->\n"


def attack(preset):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        done = subprocess.run(["dotnet", str(TOOL), "red-team", "--policy", preset, "--report", str(report)], stdout=subprocess.DEVNULL)
        if done.returncode > 1:
            sys.exit(f"aegis red-team --policy {preset}: exit {done.returncode}")
        return json.loads(report.read_text(encoding="utf-8"))


def share(s):
    return f"{s['count']} of {s['of']}"


def interval(s):
    return f"{100 * s['low']:.0f} to {100 * s['high']:.0f} %" if s["of"] else ""


def table(reports):
    rows = ["| suite | " + " | ".join(f"`{p}` | or changed | 95 %" for p in PRESETS) + " |", "|---|" + "---|---|---|" * len(PRESETS)]

    def row(name, pairs):
        cells = [f"{share(written)} | {share(searched) if searched else ''} | {interval(searched or written)}" for written, searched in pairs]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")

    first = reports[PRESETS[0]]
    for at, suite in enumerate(first["suites"]):
        row(f"{suite['suite']}{' (false alarms)' if suite['benign'] else ''}", [(r["suites"][at]["as_written"], None if suite["benign"] else r["suites"][at]["searched"]) for r in reports.values()])
    row("**all attacks**", [(r["as_written"], r["searched"]) for r in reports.values()])
    row("**false alarms**", [(r["false_positives"], None) for r in reports.values()])
    return "\n".join(rows) + "\n"


def listing(reports):
    lines = ["# What gets through the presets\n", "Written by `eng/red-team.py`: every attack of the suites that reached its goal, as written or by the changes in brackets, with the members of the policy that would have stopped it, each alone. [red-team.md](red-team.md) says what the suites are.\n"]
    for preset, report in reports.items():
        lines.append(f"## `{preset}`, {share(report['searched'])}\n")
        for bypass in report["bypasses"]:
            changes = f" [{', '.join(bypass['mutators'])}]" if bypass["mutators"] else ""
            closed = " or ".join(f"`{c}`" for c in bypass["closed_by"]) or "no setting"
            lines.append(f"- {bypass['case']}{changes}: {bypass['evidence']}. Stopped by {closed}.")
        lines += [f"- false alarm {alarm['case']}: {alarm['evidence']} ({', '.join(alarm['rules'])})." for alarm in report["false_alarms"]]
        lines.append("")
    return "\n".join(lines)


def main():
    reports = {preset: attack(preset) for preset in PRESETS}
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    readme.write_text(before + BEGIN + table(reports) + END + rest.split(END)[1], encoding="utf-8")
    (ROOT / "docs/red-team-presets.md").write_text(listing(reports), encoding="utf-8")


main()
