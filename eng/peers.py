#!/usr/bin/env python3
"""Times Aegis and two npm scanners, in turns, on the same distinct harmless texts of three lengths.

    dotnet build -c Release src/Aegis.Cli && python3 eng/peers.py --data ../shared/data

Installs @andersmyrmel/vard and @claude-flow/aidefence into a temporary folder. Prints medians in microseconds a text, the best of three rounds.
"""
import argparse, json, pathlib, random, shutil, subprocess, tempfile

root = pathlib.Path(__file__).parent.parent
parser = argparse.ArgumentParser()
parser.add_argument("--data", type=pathlib.Path, required=True)
data = parser.parse_args().data
rows = [json.loads(line) for line in open(data / "prompts.jsonl", encoding="utf-8")]
harmless = [row["text"] for row in rows if row["label"] == 0 and row["lang"] == "en"]
random.Random(1).shuffle(harmless)
everything = "\n".join(harmless)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "@andersmyrmel/vard@1.2.0", "@claude-flow/aidefence@3.0.3"], cwd=folder, check=True)
    shutil.copy(root / "eng/peers.mjs", folder)
    print(f"{'characters':>10} {'Aegis':>10} {'vard':>10} {'aidefence':>10}   Aegis is")
    for size, count in ((200, 1000), (2_048, 500), (32_768, 31)):
        texts = pathlib.Path(folder) / "texts.jsonl"
        texts.write_text("".join(json.dumps({"id": str(i), "text": everything[i * size:(i + 1) * size]}) + "\n" for i in range(count)), encoding="utf-8")
        repeated = pathlib.Path(folder) / "repeated.jsonl"   # the tool prints one median: several rounds outweigh the first
        repeated.write_text(texts.read_text(encoding="utf-8") * 6, encoding="utf-8")
        best = {}
        for _ in range(3):
            aegis = subprocess.run(["dotnet", root / "src/Aegis.Cli/bin/Release/net10.0/aegis.dll", "scan", "--jsonl", repeated, "--out", pathlib.Path(folder) / "out.jsonl", "--checkpoint", "tool-result"], capture_output=True, text=True)
            found = [json.loads(line) for line in (aegis.stdout + aegis.stderr).splitlines() if '"p50_us"' in line]
            lines = subprocess.run(["node", "peers.mjs", texts], cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
            for name, median in [("Aegis", found[-1]["p50_us"]), *((json.loads(line)["name"].split()[0], json.loads(line)["p50_us"]) for line in lines)]:
                best[name] = min(best.get(name, median), median)
        print(f"{size:>10} {best['Aegis']:>10.1f} {best['vard']:>10.1f} {best['aidefence']:>10.1f}   {best['vard'] / best['Aegis']:.2f} x vard, {best['aidefence'] / best['Aegis']:.2f} x aidefence")
