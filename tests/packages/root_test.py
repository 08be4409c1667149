# SPDX-License-Identifier: BSD-3-Clause
"""The packages on a Debian 12 that has nothing else.

The demo's scenarios are played in it. On a machine that is busy a run may be invalid, with its reason; one that is
valid agrees with the simulation.
"""

import glob
import json
import os
import shutil

from debian_root import PATHS, DebianRoot, need_root
from packages import PACKAGES, SOURCE, main, run

COMPILERS = ["gcc", "g++", "cc", "c++", "clang", "make", "ninja", "cmake", "node"]
DEMO = {"incast-7": 9, "incast-4": 9, "allreduce": 3}  # runs: settings times seeds


class Root(DebianRoot):
    def test_there_is_no_compiler_no_checkout_and_no_development_package(self):
        for compiler in COMPILERS:
            self.assertIsNone(shutil.which(compiler, path=":".join(self.root + path for path in PATHS.split(":"))))
        installed = run("dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f", "${Package}\n").split()
        self.assertLessEqual(set(PACKAGES), set(installed))
        self.assertEqual([name for name in installed if name.endswith("-dev")], [])
        self.assertFalse(os.path.exists(self.root + SOURCE))

    def test_it_simulates(self):
        said = self.done("sh", "-ec", "cd /tmp; railyard compare --set seeds=1 --output runs --quiet "
                         "/usr/share/railyard/scenarios/quickstart.yaml; ls runs")
        self.assertIn("report.html", said)

    def test_ports_of_every_virtual_kind_open(self):
        said = self.done("/usr/libexec/railyard/in-namespace", "--cables", "2", "timeout", "--preserve-status", "2",
                         "railyard-softswitch", "--port", "af_packet:s0", "--port", "memif:/run/memif.sock,server",
                         "--port", "tap:tap0", "--port", "ring:ring0", "--port", "net_pcap0,iface=s1")
        self.assertIn("in all\n", said)

    def test_drivers_of_network_cards_are_there(self):
        for driver in ("mlx5", "ice", "af_xdp"):
            self.assertTrue(glob.glob(f"{self.root}/usr/lib/*/dpdk/pmds-*/librte_net_{driver}.so*"), driver)
        self.assertTrue(glob.glob(f"{self.root}/usr/lib/*/libibverbs/libmlx5-rdmav*.so"))

    def test_the_linux_switch_finds_its_marker(self):
        said = self.done("/usr/libexec/railyard/in-namespace", "--cables", "2", "timeout", "--preserve-status", "2",
                         "/usr/libexec/railyard/linux-switch", "s0", "s1")
        self.assertIn('"marker": {"s0"', said)

    def test_the_demo_plays_its_scenarios_and_agrees_where_its_runs_are_valid(self):
        code, said = self.inside("sh", "-c", "cd /root && /usr/share/railyard/lab-demo", timeout=300)
        invalid = 0
        for name, runs in DEMO.items():
            folder = os.path.join(self.root, "root", "runs", "lab-demo", name)
            self.assertTrue(os.path.exists(os.path.join(folder, "lab", "report.html")), said)
            played = self.read(folder, "lab", "lab.json")["runs"]
            self.assertEqual(len(played), runs, said)
            for one in played:
                self.assertTrue(one["complete"], said)
                self.assertTrue(one["valid"] or one["invalid_because"], said)
            bad = {one["setting"] for one in played if not one["valid"]}
            invalid += len(bad)
            for setting in self.read(folder, "validation", "validation.json")["settings"]:
                if setting["name"] not in bad:
                    self.assertEqual(setting["verdict"], "agrees", said)
        print(f"{invalid} settings with an invalid run")
        self.assertEqual(code, 1 if invalid else 0, said)

    def read(self, *path):
        with open(os.path.join(*path), encoding="utf-8") as file:
            return json.load(file)


need_root()
main()
