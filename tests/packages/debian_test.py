# SPDX-License-Identifier: BSD-3-Clause
"""cpack -G DEB: packages of which lintian has nothing to say, and that name what they need."""

import os
import shutil
import tempfile
import unittest

from packages import PACKAGES, main, make_packages, need, run

# What railyard-agent's --port takes, and DPDK loads as a driver once it is installed: dpdk-app/device/port_name.cc,
# docs/lab.md. The buses they are on, and the mbufs' pool.
DRIVERS = ["librte-net-af-packet23", "librte-net-af-xdp23", "librte-net-memif23", "librte-net-tap23",
           "librte-net-ring23", "librte-net-pcap23", "librte-net-mlx5-23", "librte-net-ice23", "librte-bus-vdev23",
           "librte-bus-pci23", "librte-mempool-ring23", "ibverbs-providers"]


class Debian(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="railyard-packages-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.packages = {os.path.basename(path).split("_")[0]: path for path in make_packages(cls.folder)}

    def depends(self, package):
        field = run("dpkg-deb", "--field", self.packages[package], "Depends")
        return {dependency.split()[0] for dependency in field.split(",")}

    def contents(self, package):
        return run("dpkg-deb", "--contents", self.packages[package])

    def test_there_is_one_for_each_component(self):
        self.assertEqual(sorted(self.packages), sorted(PACKAGES))

    def test_lintian_has_nothing_to_say(self):
        if shutil.which("lintian") is None:
            self.skipTest("there is no lintian; tools/setup installs it")
        said = run("lintian", "--allow-root", "--fail-on", "error,warning", *self.packages.values())
        self.assertNotRegex(said, "(?m)^[EW]: ")

    def test_each_override_gives_its_reason(self):
        for package, path in self.packages.items():
            unpacked = os.path.join(self.folder, package)
            run("dpkg-deb", "--extract", path, unpacked)
            overrides = os.path.join(unpacked, "usr", "share", "lintian", "overrides", package)
            if not os.path.exists(overrides):
                continue
            with open(overrides, encoding="utf-8") as file:
                lines = file.read().splitlines()
            for reason, tag in zip(lines, lines[1:]):
                self.assertTrue(tag.startswith("#") or reason.startswith("#"), f"{tag}: say above why")

    def test_drivers_that_are_loaded_at_run_time_are_dependencies(self):
        self.assertLessEqual(set(DRIVERS), self.depends("railyard-agent"))

    def test_the_agents_package_brings_no_simulator(self):
        self.assertIn("libns3.37", self.depends("railyard"))
        for package in ("railyard-agent", "railyard-lab"):
            self.assertFalse({name for name in self.depends(package) if "ns3" in name or name == "railyard"})

    def test_units_and_their_options_are_where_systemd_and_dpkg_look(self):
        contents = self.contents("railyard-agent")
        conffiles = run("dpkg-deb", "--info", self.packages["railyard-agent"], "conffiles").split()
        for player in ("railyard-agent", "railyard-softswitch"):
            self.assertIn(f"./usr/lib/systemd/system/{player}.service\n", contents)
            self.assertIn(f"./etc/default/{player}\n", contents)
            self.assertIn(f"/etc/default/{player}", conffiles)


need("dpkg-shlibdeps")
main()
