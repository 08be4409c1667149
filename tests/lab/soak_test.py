# SPDX-License-Identifier: BSD-3-Clause
"""The lab's loop for half an hour, its faults switched on and off from run to run: every frame of every run has a
place, and no player's memory grows. RAILYARD_SOAK_SECONDS makes it shorter."""

import collections
import itertools
import os
import time

from players import PlayersTest
from testbed import main

SECONDS = float(os.environ.get("RAILYARD_SOAK_SECONDS", "1800"))
FAULTS = {
    "none": (),
    "drop": ("drop=1",),
    "corrupt": ("corrupt=1",),
    "duplicate": ("duplicate=1",),
    "reorder": ("reorder=1", "reorder_delay=2ms"),
    "all": ("drop=1", "corrupt=1", "duplicate=1", "reorder=1", "reorder_delay=2ms", "delay=1ms", "jitter=1ms"),
}
WARM_UP = len(FAULTS)  # runs: each kind has been played once
GROWTH = 256  # KiB from half of the runs to all of them: what a run leaks, it leaks hundreds of times


def heap_kib(process):
    """Without the pools of frames and the packet rings, whose pages come into use little by little."""
    with open(f"/proc/{process.popen.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


class Soak(PlayersTest):
    def test_nothing_is_lost_and_nothing_grows(self):
        players = {"leaf0": self.switch, **self.agents}
        memory = {name: [] for name in players}
        totals, sentences = {}, collections.Counter()
        end = time.monotonic() + SECONDS
        for number, name in enumerate(itertools.cycle(FAULTS)):
            if time.monotonic() >= end and number > 2 * WARM_UP:
                break
            faults = [word for fault in FAULTS[name] for word in ("--fault", fault)]
            code, run, _ = self.play("--seed", str(number + 1), *faults, name=f"run{number}", timeout=120)
            self.assertTrue(run["complete"], self.said)
            self.account(totals.setdefault(name, collections.Counter()), run["frames"])
            if code != 0:  # late, on a machine that is busy with other things; or lost in the host, and it says so
                sentences[run["invalid_because"].split(";")[0]] += 1
            for player, process in players.items():
                memory[player].append(heap_kib(process))
        self.report(totals, sentences, memory)
        for player, kib in memory.items():
            self.assertLess(max(kib) - kib[len(kib) // 2], GROWTH, f"{player} grew: {kib}")

    def account(self, total, frames):
        self.assertEqual(frames["unexplained"], 0, frames)
        lost = {**frames["dropped"], **frames["given_up"],
                **{key: frames[key] for key in ("rejected", "under_way", "lost_in_hosts", "lost_somewhere")}}
        self.assertEqual(frames["sent"] + frames["copied"], frames["received"] + sum(lost.values()), frames)
        total.update(lost)
        total.update({key: frames[key] for key in ("sent", "copied", "received")}, runs=1)

    @staticmethod
    def report(totals, sentences, memory):
        for name, total in totals.items():
            lost = {key: count for key, count in sorted(total.items())
                    if count > 0 and key not in ("runs", "sent", "copied", "received")}
            print(f"faults {name}: {total['runs']} runs, sent {total['sent']:,} + copied {total['copied']:,} = "
                  f"received {total['received']:,}" + "".join(f" + {key} {count:,}" for key, count in lost.items()))
        for sentence, count in sentences.items():
            print(f"invalid {count} times: {sentence}")
        for player, kib in memory.items():
            print(f"{player}: heap in KiB after {WARM_UP + 1} runs {kib[WARM_UP]:,}, half of them "
                  f"{kib[len(kib) // 2]:,}, all {len(kib)} {kib[-1]:,}")


if __name__ == "__main__":
    main()
