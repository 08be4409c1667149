# SPDX-License-Identifier: BSD-3-Clause
"""Frames that nobody of the lab sent, in the midst of a run: they are counted by who sent them. Those that need
not be obeyed change nothing; pauses must be, and the run's page says whose they were."""

import threading
import time

import forged
from players import PlayersTest, counters
from testbed import main

STRANGER = "10.0.0.99"
QUANTA = 0x0100  # 1.3 ms at 100 Mb/s, of every 5: the run goes on
ENOUGH = ("--set", "jobs.incast.incast.repeat=8")  # some seconds


class Forged(PlayersTest):
    def play_while(self, disturb, *options):
        """`disturb` is called again and again while a run is on; how often it was."""
        over, times = threading.Event(), [0]

        def work():
            while not over.wait(0.005):
                disturb()
                times[0] += 1

        thread = threading.Thread(target=work)
        controller, folder = self.controller(*ENOUGH, *options)
        self.wait_until_data_flows(controller)
        thread.start()
        try:
            code = controller.wait(60)
        finally:
            over.set()
            thread.join()
        self.said = controller.text()
        return code, *self.results(folder), times[0]

    def check_undisturbed(self, code, run):
        self.assertTrue(run["complete"], self.said)
        self.assertEqual(run["frames"]["unexplained"], 0, run["frames"])
        # A machine that is busy with other things may make it late.
        if code != 0:
            self.assertRegex(run["invalid_because"], "late|lost in hosts")

    def test_cnps_and_acks_of_a_stranger_change_nothing(self):
        raw, mac = forged.open_raw("s1"), forged.mac_of("h1")
        self.addCleanup(raw.close)
        frames = [forged.roce(opcode, address, "10.0.0.2", mac, forged.FIRST_QUEUE_PAIR + 2 * flow, psn=100)
                  for flow in range(3) for opcode in (forged.CNP, forged.ACKNOWLEDGE)
                  for address in (STRANGER,)]
        code, run, summary, times = self.play_while(lambda: [raw.send(frame) for frame in frames])
        self.assertGreater(times, 10)
        self.check_undisturbed(code, run)
        counted = counters(run)
        # Of the three flows host 1 sends one; the others' queue pairs are not its.
        self.assertGreaterEqual(counted["foreign_peer"], 2 * 10)
        self.assertGreaterEqual(counted["unknown_queue_pair"], 4 * 10)
        self.assertEqual(counted["cnps_received"], counted["cnps_sent"])
        self.assertEqual(counted["acks_received"], counted["acks_sent"])
        self.assertGreaterEqual(run["frames"]["foreign"], 6 * 10)
        self.assertEqual(run["messages"]["sent_but_not_received"], 0)

    def test_pauses_of_a_stranger_are_obeyed_and_counted_by_source(self):
        raw = forged.open_raw("s1")
        self.addCleanup(raw.close)
        code, run, summary, times = self.play_while(lambda: raw.send(forged.pause(3, QUANTA)))
        self.check_undisturbed(code, run)
        self.assertGreater(times, 10)
        stranger = ":".join(f"{byte:02x}" for byte in forged.STRANGER_MAC)
        # The switch's packet socket on s1 sees what is sent there, too, and obeys.
        said = [sentence for sentence in run["frames"]["pausers"]
                if stranger in sentence and sentence.startswith("left af_packet:h1 ")]
        self.assertEqual(len(said), 1, run["frames"]["pausers"])
        self.assertIn(said[0], " ".join(summary["cautions"]))
        paused = self.counter(run, "host1:nic0.paused_ps.3")
        self.assertGreater(paused, 0)
        self.assertLess(paused, 60e12)

    def test_frames_of_an_impostor_make_the_run_invalid(self):
        """They come from an address of the run's own: nothing tells them from its frames but their number."""
        raw, mac = forged.open_raw("h1"), forged.mac_of("h0")
        self.addCleanup(raw.close)
        frame = forged.roce(forged.CNP, "10.0.0.2", "10.0.0.1", mac, forged.FIRST_QUEUE_PAIR, from_mac=forged.mac_of("h1"))
        code, run, _, times = self.play_while(lambda: raw.send(frame))
        self.assertGreater(times, 10)
        self.assertEqual(code, 1, self.said)
        self.assertGreater(run["frames"]["unexplained"], 10)
        self.assertIn("more came than were sent on left af_packet:h1 -> leaf0 af_packet:s1", run["invalid_because"])

    @staticmethod
    def counter(run, name):
        return sum(int(player.get("counters", {}).get(name, 0)) for player in run["players"])


if __name__ == "__main__":
    main()
