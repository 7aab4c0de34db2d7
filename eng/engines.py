#!/usr/bin/env python3
"""Times the built-in rules in Aegis, in compiled expressions of .NET and in RE2::Set, on the same texts.

    apt-get install libre2-dev g++ && python3 eng/engines.py
"""
import pathlib, subprocess, tempfile

root = pathlib.Path(__file__).parent.parent
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run(["g++", "-O2", "-march=native", "-std=c++17", root / "eng/engines.cpp", "-o", folder / "engines", "-lre2", "-lpthread"], check=True)
    subprocess.run(["dotnet", "run", "-c", "Release", "--project", root / "bench/Aegis.Benchmarks", "--", "--rules", folder], check=False)
    subprocess.run([folder / "engines", folder / "patterns.txt", *sorted(folder.glob("*.*.txt"))], check=True)
