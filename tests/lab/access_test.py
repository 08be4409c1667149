# SPDX-License-Identifier: BSD-3-Clause
"""Who may play: a run over mutual TLS and a Unix socket with the commands of docs/lab.md, and what others meet."""

import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import urllib.request

from players import AGENTS, SWITCH, PlayersTest, ports
from testbed import SOURCE, main, program, token_file

METRICS = 9464


def commands_of(section):
    """The indented lines of a section of docs/lab.md."""
    with open(os.path.join(SOURCE, "docs", "lab.md"), encoding="utf-8") as file:
        text = re.search(rf"^#+ {section}$(.*?)^#", file.read(), re.MULTILINE | re.DOTALL)[1]
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    openssl")
                     or line.startswith("    certify") or line.startswith("      ") or line == "    }")


class Access(PlayersTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="railyard-lab-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.token = token_file(self.folder)
        self.socket = os.path.join(self.folder, "left.sock")
        certificates = commands_of("Mutual TLS").replace("10.1.0.7", "127.0.0.1")
        subprocess.run(["bash", "-euc", certificates], cwd=self.folder, check=True, capture_output=True)

    def tls(self, name):
        path = os.path.join(self.folder, name)
        return ["--tls-cert", f"{path}.pem", "--tls-key", f"{path}.key",
                "--tls-ca", os.path.join(self.folder, "ca.pem")]

    def start_players(self):
        address, names = SWITCH
        secured = ["--token-file", self.token, *self.tls("a")]
        self.switch = self.start(program("railyard-softswitch"), "--name", "leaf0", "--listen", address,
                                 "--stats", "0", *secured, *ports(names))
        self.start(program("railyard-agent"), "--name", "left", "--listen", f"unix:{self.socket}",
                   "--prometheus", str(METRICS), *ports(AGENTS["left"][1])).wait_for("listens on")
        self.start(program("railyard-agent"), "--name", "right", "--listen", AGENTS["right"][0], *secured,
                   *ports(AGENTS["right"][1])).wait_for("listens on")
        self.switch.wait_for("listening on")

    def test_a_run_over_mutual_tls_and_a_unix_socket(self):
        self.start_players()
        self.assertEqual(stat.S_IMODE(os.stat(self.socket).st_mode), 0o600)
        where = ["--set", f"lab.agents.left.address=unix:{self.socket}"]
        code, run, _ = self.play(*where, *self.tls("controller"))
        self.assertEqual(code, 0, self.said)
        self.assertTrue(run["complete"])
        self.check_last_table()
        without = subprocess.run([program("railyard-lab"), "status", self.scenario, *where, "--set",
                                  f"lab.token_file={self.token}"], capture_output=True, text=True, check=False)
        self.assertEqual(without.returncode, 1)
        self.assertRegex(without.stdout, r"right +agent .* unreachable")
        self.assertNotRegex(without.stdout, r"left +agent .* unreachable")

    def check_last_table(self):
        """Of the run, though the switch has counted anew since the controller left."""
        self.assertEqual(self.switch.stop(), 0)
        table = self.switch.text()
        self.assertIn("incast, default, seed 1\n", table)
        busiest = next(line for line in table.splitlines() if "af_packet:s0" in line)
        self.assertGreater(float(busiest.split()[3]), 1)  # Mb/s out, to the receiver

    def test_metrics_are_for_this_machine_and_half_a_request_is_nobodys_business(self):
        self.start_players()
        with socket.create_connection(("127.0.0.1", METRICS)) as idler:
            idler.send(b"GET /met")
            with urllib.request.urlopen(f"http://127.0.0.1:{METRICS}/metrics", timeout=10) as answer:
                self.assertEqual(answer.status, 200)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.2", METRICS), timeout=5)

    def test_a_player_that_prepares_ends_within_a_second(self):
        """Its neighbours' addresses are resolved meanwhile, for 8 s: no switch answers."""
        self.start(program("railyard-agent"), "--name", "right", "--listen", AGENTS["right"][0], "--token-file",
                   self.token, *ports(AGENTS["right"][1])).wait_for("listens on")
        agent = self.start(program("railyard-agent"), "--name", "left", "--listen", AGENTS["left"][0],
                           "--token-file", self.token, *ports(AGENTS["left"][1]))
        agent.wait_for("listens on")
        controller, _ = self.controller("--set", "lab.switches.leaf0.kind=unmanaged")
        time.sleep(2)
        self.assertIsNone(controller.popen.poll(), controller.text())
        begin = time.monotonic()
        self.assertEqual(agent.stop(), 0)
        seconds = time.monotonic() - begin
        print(f"ended {seconds:.2f} s after SIGTERM")
        self.assertLess(seconds, 3)


if __name__ == "__main__":
    main()
