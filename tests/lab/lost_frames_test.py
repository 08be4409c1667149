# SPDX-License-Identifier: BSD-3-Clause
"""Every frame of a run has a place, whatever goes wrong: lossless data loses none, or the run is invalid."""

import threading
import time

import forged
from players import PlayersTest, counters, metric
from testbed import main


class LostFrames(PlayersTest):
    def check(self, code, run, summary):
        """Right, or invalid; and nothing without a place."""
        frames = run["frames"]
        self.assertIsNotNone(frames, self.said)
        self.assertEqual(frames["unexplained"], 0, frames)
        lost = frames["lost_in_hosts"] + sum(frames["given_up"].values())
        if code == 0:
            self.assertEqual(lost, 0, frames)
            self.assertEqual(metric(summary, "retransmitted"), 0)
            self.assertEqual(frames["sent"], frames["received"])
        else:
            self.assertFalse(run["valid"] and run["complete"])
        return code == 0

    def test_a_buffer_full_of_small_packets_has_room(self):
        """10 MiB of each of three senders in packets of 512 B: 40,000 frames wait in the switch."""
        code, run, summary = self.play(
            "--set", "lab.time_scale=2500", "--set", "nic.mtu=512", "--set", "nic.ack_timeout=14",
            "--set", "switch.pool_size=40MB", "--set", "switch.mmu_size=60MB", "--set", "switch.static_th=0",
            "--set", "switch.dynamic_th=7", "--set", "switch.green_min_threshold=39MB",
            "--set", "switch.green_max_threshold=39MB", "--set", "jobs.incast.incast.bytes=10MiB",
            "--set", "jobs.incast.incast.repeat=1", timeout=120)
        self.check(code, run, summary)
        self.assertTrue(run["complete"], self.said)
        self.assertEqual(run["frames"]["given_up"], {})
        self.assertEqual(metric(summary, "pfc.pauses"), 0)

    def test_an_arp_storm_takes_nothing_of_lossless_data(self):
        raw = forged.open_raw("h3")
        self.addCleanup(raw.close)
        over = threading.Event()
        frame = forged.arp_request()

        def storm():
            while not over.is_set():
                for _ in range(100):
                    try:
                        raw.send(frame)
                    except OSError:  # its queue is full
                        pass
                time.sleep(0.001)  # some 50,000 a second

        thread = threading.Thread(target=storm)
        thread.start()
        try:
            code, run, summary = self.play("--set", "jobs.incast.incast.repeat=20", timeout=100)
        finally:
            over.set()
            thread.join()
        self.check(code, run, summary)
        self.assertGreater(run["frames"]["foreign"], 10_000)

    def test_faults_lose_as_many_as_they_say(self):
        code, run, summary = self.play("--fault", "drop=2", "--fault", "duplicate=2", "--fault", "corrupt=2")
        frames = run["frames"]
        self.assertEqual(frames["unexplained"], 0, frames)
        self.assertGreater(frames["dropped"]["link_fault"], 0)
        self.assertGreater(frames["copied"], 0)
        counted = counters(run)
        self.assertLessEqual(frames["dropped"]["link_fault"], counted["fault_dropped"])  # PFC frames beside them


if __name__ == "__main__":
    main()
