# SPDX-License-Identifier: BSD-3-Clause
"""What goes wrong in a lab: the rest ends cleanly within seconds, and the record says what happened."""

import random
import signal
import socket
import struct
import subprocess

from players import AGENTS, SWITCH, PlayersTest, counters, metric
from testbed import main

LONG = ("--set", "jobs.incast.incast.repeat=500")  # half a minute, if nobody ends it
SECONDS = 15  # within which what was disturbed ends
INCOMPLETE = 1
MESSAGES = 6


class Faults(PlayersTest):
    def begin_long_run(self):
        controller, folder = self.controller(*LONG)
        self.wait_until_data_flows(controller)
        return controller, folder

    def expect_a_good_run(self, name="afterwards"):
        code, run, _ = self.play(name=name)
        self.assertEqual(code, 0, self.said)
        self.assertTrue(run["complete"])

    def test_an_agent_is_killed(self):
        controller, folder = self.begin_long_run()
        self.agents["right"].stop(signal.SIGKILL)
        self.assertEqual(controller.wait(SECONDS), INCOMPLETE, controller.text())
        run, _ = self.results(folder)
        self.assertFalse(run["complete"])
        self.assertIn("right", run["incomplete_because"])
        lost = {player["name"]: player["lost"] for player in run["players"]}
        self.assertIsNotNone(lost["right"])
        self.assertIsNone(lost["left"])
        self.start_agent("right").wait_for(" on port ")
        self.expect_a_good_run()

    def test_the_controller_is_killed(self):
        controller, _ = self.begin_long_run()
        controller.stop(signal.SIGKILL)
        self.expect_a_good_run()

    def test_the_controller_is_interrupted(self):
        controller, folder = self.begin_long_run()
        controller.stop(signal.SIGINT, SECONDS)
        run, summary = self.results(folder)
        self.assertFalse(run["complete"])
        self.assertGreater(summary["settings"][0]["runs"][0]["flows"]["foreground"]["finished"], 0)

    def test_a_port_goes_down(self):
        controller, folder = self.begin_long_run()
        self.set_link("s2", "down")
        self.addCleanup(self.set_link, "s2", "up")
        self.assertEqual(controller.wait(SECONDS), INCOMPLETE, controller.text())
        run, _ = self.results(folder)
        self.assertFalse(run["complete"])
        self.assertIn("rank 2", run["incomplete_because"])  # which is on host 2
        self.set_link("s2", "up")
        self.expect_a_good_run()

    @staticmethod
    def set_link(name, state):
        subprocess.run(["ip", "link", "set", name, state], check=True)

    def test_frames_are_dropped(self):
        code, run, summary = self.play("--fault", "drop=1")
        self.assertEqual(code, 0, self.said)
        self.check_all_arrived(run, summary)
        self.assertGreater(counters(run)["fault_dropped"], 0)
        self.assertGreater(metric(summary, "retransmitted"), 0)

    def test_frames_are_corrupted(self):
        code, run, summary = self.play("--fault", "corrupt=1", "--fault", "corrupt_part=payload")
        self.assertEqual(code, 0, self.said)
        self.check_all_arrived(run, summary)
        counted = counters(run)
        seen = sum(count for name, count in counted.items() if name.startswith("decode_errors."))
        # Not all: a pause frame has no ICRC, and the FCS that would tell is the soft switch's to make anew.
        self.assertGreater(seen, counted["fault_corrupted"] / 2)
        self.assertLessEqual(seen, counted["fault_corrupted"])

    def test_frames_are_reordered(self):
        code, run, summary = self.play("--fault", "reorder=1", "--fault", "reorder_delay=2ms")
        self.assertEqual(code, 0, self.said)
        self.check_all_arrived(run, summary)
        self.assertGreater(counters(run)["naks_sent"] + counters(run)["reordered"], 0)

    def check_all_arrived(self, run, summary):
        self.assertTrue(run["complete"])
        flows = summary["settings"][0]["runs"][0]["flows"]["foreground"]
        self.assertEqual((flows["finished"], flows["unfinished"]), (MESSAGES, 0))
        self.assertEqual(run["messages"]["sent_but_not_received"], 0)

    def test_garbage_on_the_control_port(self):
        generator = random.Random(1)
        addresses = [address for address, _ in AGENTS.values()] + [SWITCH[0]]
        for address in addresses:
            host, port = address.split(":")
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", generator.randbytes(4096), struct.pack("!I", 0xFFFFFFFF),
                            struct.pack("!I", 16) + generator.randbytes(16), struct.pack("!I", 1000) + b"x"):
                with socket.create_connection((host, int(port)), timeout=5) as stranger:
                    try:
                        stranger.sendall(garbage)
                    except ConnectionError:
                        pass  # thrown out while it speaks
        for player in (self.switch, *self.agents.values()):
            self.assertIsNone(player.popen.poll(), player.text())
        self.expect_a_good_run()

    def test_players_end_when_told_to(self):
        for player in (self.switch, *self.agents.values()):
            self.assertEqual(player.stop(), 0, player.text())


if __name__ == "__main__":
    main()
