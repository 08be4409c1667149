# SPDX-License-Identifier: BSD-3-Clause
"""The agents' NICs obey a congestion-control algorithm that bounds what is under way."""

import csv
import os

from players import PlayersTest
from testbed import SOURCE, main


class Window(PlayersTest):
    scenario = os.path.join(SOURCE, "tests", "lab", "window.yaml")

    def test_a_window_keeps_the_switch_from_pausing(self):
        code, _, summary = self.play(timeout=60)
        self.assertEqual(code, 0, self.said)
        pauses = {setting["name"]: setting["runs"][0]["metrics"]["pfc.pauses"]["value"]
                  for setting in summary["settings"]}
        self.assertGreater(pauses["line-rate"], 0)
        self.assertEqual(pauses["window"], 0)
        self.check_rates()

    def check_rates(self):
        """The record has those of both agents' queue pairs."""
        with open(os.path.join(self.folder, "run", "rates.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({(row["queue_pair"], row["src_rank"], row["port"]) for row in rows},
                         {(str(rank - 1), str(rank), f"host{rank}:nic0") for rank in (1, 2, 3)})
        self.assertEqual({(row["setting"], row["window_bytes"], row["rate_gbps"]) for row in rows},
                         {("line-rate", "", "0.1"), ("window", "4096", "0.1")})


if __name__ == "__main__":
    main()
