#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes data/quickstart_400_seeds.csv anew: the quickstart's metrics from which verdict_study_test.cc draws.

    tests/validation/quickstart_seeds.py build/release/bin/railyard

A column is one metric of one setting, in its base unit; a line is a seed. It takes two minutes and 1 GB of
disk for a while.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

SEEDS = 400
COLUMNS = [
    ("pfc-only", "slowdown.p99"),
    ("dcqcn-connectx", "fct.max"),
    ("pfc-only", "busbw.allreduce"),
    ("dcqcn-paper", "iteration.time"),
]
HERE = pathlib.Path(__file__).resolve().parent
QUICKSTART = HERE.parent.parent / "scenarios" / "quickstart.yaml"


def run(railyard, folder):
    """Runs the quickstart with SEEDS seeds; returns its summary."""
    subprocess.run([railyard, "compare", QUICKSTART, "--set", f"seeds={SEEDS}", "--output", f"{folder}/run",
                    "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads((pathlib.Path(folder) / "run" / "summary.json").read_text())


def main():
    """Writes the file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        settings = {s["name"]: s["runs"] for s in run(sys.argv[1], folder)["settings"]}
    columns = [[r["metrics"][metric] for r in settings[setting]] for setting, metric in COLUMNS]
    heads = [f"{setting} {metric} ({column[0]['unit']})" for (setting, metric), column in zip(COLUMNS, columns)]
    seeds = [r["seed"] for r in settings[COLUMNS[0][0]]]
    with open(HERE / "data" / "quickstart_400_seeds.csv", "w", encoding="ascii") as out:
        out.write(",".join(["seed"] + heads) + "\n")
        for seed, *values in zip(seeds, *columns):
            out.write(",".join([str(seed)] + [f"{v['value']:.9g}" for v in values]) + "\n")


if __name__ == "__main__":
    main()
