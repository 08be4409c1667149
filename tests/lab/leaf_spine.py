# SPDX-License-Identifier: BSD-3-Clause
"""A lab of eight hosts on two leaves and a spine: scenarios/lab-leaf-spine.yaml."""

import json
import os
import shutil
import tempfile

from testbed import SOURCE, LabTest, program, real_time, token_file

SHIPPED = os.path.join(SOURCE, "scenarios", "lab-leaf-spine.yaml")
SWITCHES = ["leaf0", "leaf1", "spine0"]
SETTINGS = ["dcqcn", "pfc-only"]
OK, INVALID, UNMET = 0, 1, 3  # exit codes of `lab run`


class LeafSpineTest(LabTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="railyard-lab-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.captures = os.path.join(self.folder, "captures")
        os.mkdir(self.captures, 0o700)
        self.token = token_file(self.folder)
        self.started = 0
        self.start(program("railyard-agent"), "--name", "hosts", "--listen", "127.0.0.1:7471", *self.common(),
                   *(word for i in range(8) for word in ("--port", f"af_packet:h{i}"))).wait_for(" on port ", 30)

    def common(self):
        cores = sorted(os.sched_getaffinity(0))
        self.started += 1
        return ("--token-file", self.token, "--capture-dir", self.captures, "--core",
                str(cores[self.started % len(cores)]), *real_time())

    def start_switches(self, scenario, *names):
        """All in one process where no names are given."""
        for options in ([("--name", name) for name in names] or [()]):
            process = self.start(program("railyard-softswitch"), "--lab", scenario, "--stats", "0", *self.common(),
                                 *options)
            process.wait_for("on port 7474" if not names else " on port ", 30)

    def with_rings(self):
        """The scenario's copy whose switches are joined within one process."""
        with open(SHIPPED, encoding="utf-8") as file:
            text = file.read()
        for cable in (8, 9):
            text = text.replace(f"af_packet:h{cable}", f"ring:cable{cable},a")
            text = text.replace(f"af_packet:s{cable}", f"ring:cable{cable},b")
        path = os.path.join(self.folder, "rings.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def play(self, scenario, *options, name="lab", timeout=60, good=OK):
        """Its folder, and how many runs of each setting are valid: one that is not says why. `good` is the exit code
        where all are."""
        folder = os.path.join(self.folder, name)
        process = self.start(program("railyard-lab"), "run", scenario, "--set", f"lab.token_file={self.token}",
                             "--output", folder, *options)
        code = process.wait(timeout)
        self.assertIn(code, (good, INVALID), process.text())
        with open(os.path.join(folder, "lab.json"), encoding="utf-8") as file:
            runs = json.load(file)["runs"]
        self.assertEqual({run["complete"] for run in runs}, {True}, process.text())
        self.assertEqual([player["name"] for player in runs[0]["players"]], ["hosts", *SWITCHES])
        self.assertEqual(code, good if all(run["valid"] for run in runs) else INVALID, process.text())
        self.assertTrue(all(run["valid"] or run["invalid_because"] for run in runs))
        return folder, {name: sum(run["valid"] for run in runs if run["setting"] == name) for name in SETTINGS}

    def validate(self, scenario, folder, *options):
        """The figures of the comparison with the simulation, by setting and name."""
        simulated, validation = folder + "-sim", folder + "-validation"
        process = self.start(program("railyard"), "compare", scenario, "--output", simulated, *options)
        self.assertEqual(process.wait(120), OK, process.text())
        process = self.start(program("railyard-lab"), "validate", simulated, folder, "--output", validation)
        process.wait(60)  # what it decides is not asked
        with open(os.path.join(validation, "validation.json"), encoding="utf-8") as file:
            settings = json.load(file)["settings"]
        return {setting["name"]: {row["name"]: row for row in setting["figures"]} for setting in settings}
