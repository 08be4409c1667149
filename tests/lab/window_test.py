# SPDX-License-Identifier: BSD-3-Clause
"""The agents' NICs obey a congestion-control algorithm that bounds what is under way."""

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


if __name__ == "__main__":
    main()
