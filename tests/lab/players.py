# SPDX-License-Identifier: BSD-3-Clause
"""A lab of four hosts, two agents and a soft switch, for scenarios with the addresses of incast.yaml."""

import json
import os
import re
import shutil
import tempfile
import time

from testbed import SOURCE, LabTest, program, real_time, token_file

SCENARIO = os.path.join(SOURCE, "tests", "lab", "incast.yaml")
AGENTS = {"left": ("127.0.0.1:7471", ["h0", "h1"]), "right": ("127.0.0.1:7473", ["h2", "h3"])}
FLOWS_WITHIN = 15  # seconds
SWITCH = ("127.0.0.1:7472", ["s0", "s1", "s2", "s3"])


def ports(names):
    return [word for name in names for word in ("--port", f"af_packet:{name}")]


def counters(run):
    """Of all ports together, whose names the counters begin with: "host0:nic0.lost", "leaf0:1 fault_dropped"."""
    total = {}
    for player in run["players"]:
        for name, text in player.get("counters", {}).items():
            name = re.sub(r"^(\w+:nic\d+\.|\w+:\d+ )", "", name)
            if text.isdigit():
                total[name] = total.get(name, 0) + int(text)
    return total


def metric(summary, name):
    return summary["settings"][0]["runs"][0]["metrics"][name]["value"]


class PlayersTest(LabTest):
    scenario = SCENARIO
    agent_options = []

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="railyard-lab-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.captures = os.path.join(self.folder, "captures")
        os.mkdir(self.captures, 0o700)
        self.token = token_file(self.folder)
        address, names = SWITCH
        self.switch = self.start(program("railyard-softswitch"), "--name", "leaf0", "--listen", address,
                                 "--capture-dir", self.captures, "--token-file", self.token,
                                 "--stats", "0", *real_time(), *ports(names))
        self.agents = {name: self.start_agent(name) for name in AGENTS}
        for player in (self.switch, *self.agents.values()):
            player.wait_for(" on port ")

    def start_agent(self, name):
        address, names = AGENTS[name]
        return self.start(program("railyard-agent"), "--name", name, "--listen", address, "--capture-dir",
                          self.captures, "--token-file", self.token, *real_time(), *self.agent_options, *ports(names))

    def controller(self, *options, name="run"):
        """`railyard-lab run` in the background, and its run folder."""
        folder = os.path.join(self.folder, name)
        return self.start(program("railyard-lab"), "run", self.scenario, "--output", folder,
                          "--set", f"lab.token_file={self.token}", *options), folder

    def play(self, *options, name="run", timeout=30):
        """Its exit code, lab.json's only run, and summary.json."""
        controller, folder = self.controller(*options, name=name)
        code = controller.wait(timeout)
        self.said = controller.text()
        return code, *self.results(folder)

    def results(self, folder):
        with open(os.path.join(folder, "lab.json"), encoding="utf-8") as file:
            run = json.load(file)["runs"][0]
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
            return run, json.load(file)

    def wait_until_data_flows(self, controller):
        def sent():
            with open("/proc/net/dev", encoding="ascii") as file:
                for line in file:
                    if line.strip().startswith("h1:"):
                        return int(line.split(":")[1].split()[8])
            return 0
        before, limit = sent(), time.monotonic() + FLOWS_WITHIN
        while sent() < before + (1 << 20):
            self.assertLess(time.monotonic(), limit,
                            "no data flows\n" + "".join(p.text() for p in (controller, *self.agents.values())))
            time.sleep(0.02)
