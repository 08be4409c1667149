# SPDX-License-Identifier: BSD-3-Clause
"""Agents that play each port by two queues, over packet sockets, whose fanout spreads what comes in as it likes."""

import os
from collections import Counter

from players import PlayersTest
from testbed import SOURCE, main


class Queues(PlayersTest):
    scenario = os.path.join(SOURCE, "tests", "lab", "queues.yaml")
    agent_options = ["--queues", "2", "--cores", "2"]

    def test_pauses_stop_both_queues_and_nothing_is_reordered(self):
        # Whichever queue a pause comes in on: if the other sent on, the switch's buffer would overflow.
        code, run, _ = self.play(timeout=60)
        self.assertEqual(code, 0, self.said)
        counts = Counter()
        for player in run["players"]:
            for name, value in player["counters"].items():
                counts[name.split(".", 1)[1] if ":nic" in name else name] += int(value)
        self.assertGreater(counts["rx_data_packets"], 0)
        self.assertEqual(counts["rx_data_packets"], counts["tx_data_packets"])
        for name in ("reordered", "unknown_queue_pair", "failed_queue_pairs"):
            self.assertEqual(counts[name], 0, name)


if __name__ == "__main__":
    main()
