# SPDX-License-Identifier: BSD-3-Clause
"""The smallest time scale at which three of four runs over three soft switches are valid on this machine, printed, and
how well they agree there with the simulation. Skipped where the machine does so much else that there is none."""

import json
import os

from leaf_spine import SETTINGS, SHIPPED, SWITCHES, LeafSpineTest
from testbed import main

# A byte lasts a whole number of picoseconds at each.
TIME_SCALES = [25, 50, 100, 200, 250, 400, 500, 800, 1000, 2000, 4000]
RUNS, ENOUGH = 4, 3
TOLERANCE = 0.1


class TimeScale(LeafSpineTest):
    def test_a_process_each(self):
        self.start_switches(SHIPPED, *SWITCHES)
        self.find(SHIPPED, "three processes")

    def test_one_process_for_all(self):
        scenario = self.with_rings()
        self.start_switches(scenario)
        self.find(scenario, "one process")

    def find(self, scenario, which):
        for scale in TIME_SCALES:
            options = ("--set", f"lab.time_scale={scale}", "--set", f"seeds={RUNS}")
            folder, valid = self.play(scenario, *options, name=f"lab{scale}", timeout=300)
            print(f"{which}, {os.cpu_count()} processors, time scale {scale}: valid of {RUNS}: {valid}", flush=True)
            if min(valid.values()) >= ENOUGH:
                return self.check(self.validate(scenario, folder, *options), which, scale)
        return self.skipTest(f"no time scale up to {TIME_SCALES[-1]}: the machine does too much else")

    def check(self, figures, which, scale):
        for setting in SETTINGS:
            for name in ("iteration.incast", "fct.p50", "ecn_marks", "pfc.pauses"):
                row = figures[setting][name]
                print(f"{which}, time scale {scale}, {setting}, {row['label']}: simulated "
                      f"{row['simulation']['median']:.6g}, played {row['lab']['median']:.6g}", flush=True)
            median = figures[setting]["fct.p50"]
            self.assertLessEqual(abs(median["difference"]), TOLERANCE, json.dumps(median))
        for setting, name in (("dcqcn", "ecn_marks.ports"), ("pfc-only", "pfc.pauses.ports")):
            self.assertEqual(figures[setting][name]["verdict"], "agrees", figures[setting][name]["statement"])


if __name__ == "__main__":
    main()
