"""Record linkage beside Splink, on public data: how good and how fast.

usage: compare.py DATA_DIR [--runs N] [--threads N] [--json]

Needs `splink` (which brings DuckDB) in the python that runs this, and the built program:
`cargo build --release -p florin-identity --example linkage`. Both sides alternate (A B A B …). A process runs each task
twice and the second run counts, so that neither pays for starting. Figures are medians.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["febrl1", "febrl2", "febrl3", "fake_1000", "rldata10000"]
TIME_GOAL = 0.5


def program():
    target = os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target")
    return pathlib.Path(target) / "release/examples/linkage"


def second_run(command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def measure(data, name, runs, threads):
    ours, peer = [], []
    for _ in range(runs):
        ours.append(second_run([program(), "files", data, name, "2", str(threads)]))
        peer.append(second_run([sys.executable, HERE / "splink_peer.py", data, name, "2", str(threads)]))
    return ours, peer


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def row(name, ours, peer):
    seconds, peer_seconds = median(ours, "seconds"), median(peer, "seconds")
    f1, peer_f1 = median(ours, "best_f1"), median(peer, "best_f1")
    fixed = {p: [statistics.median(run["fixed"][p] for run in runs) for runs in (ours, peer)] for p in ours[0]["fixed"]}
    ratio = seconds / peer_seconds
    return {"question": name, "ours": seconds, "peer": "splink", "peer_seconds": peer_seconds, "ratio": ratio,
            "goal": TIME_GOAL, "unit": "s", "f1": f1, "peer_f1": peer_f1, "fixed": fixed,
            "spread": [min(run["seconds"] for run in ours), max(run["seconds"] for run in ours)],
            "peer_spread": [min(run["seconds"] for run in peer), max(run["seconds"] for run in peer)],
            "ok": ratio <= TIME_GOAL and f1 >= peer_f1}


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    versions = {name: importlib.metadata.version(name) for name in ("splink", "duckdb")}
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return f"{cpu}, {os.cpu_count()} cores; python {platform.python_version()}, {versions}; load average {load}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--json", action="store_true")
    arguments = arguments.parse_args()
    print(machine(), file=sys.stderr)
    if not arguments.json:
        print("| data | ours s | Splink s | ratio | best F1, ours / Splink | at 0.5 | at 0.9 | at 0.99 | |\n|" + " --- |" * 9)
    for name in NAMES:
        found = row(name, *measure(arguments.data, name, arguments.runs, arguments.threads))
        print(json.dumps(found) if arguments.json else line(found), flush=True)
    print(machine(), file=sys.stderr)


def line(found):
    fixed = " | ".join(f"{ours:.4f} / {peer:.4f}" for ours, peer in found["fixed"].values())
    return (f"| {found['question']} | {found['ours']:.2f} | {found['peer_seconds']:.2f} | {found['ratio']:.2f} | "
            f"{found['f1']:.4f} / {found['peer_f1']:.4f} | {fixed} | {'ok' if found['ok'] else 'short'} |")


main()
