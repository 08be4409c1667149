# SPDX-License-Identifier: BSD-3-Clause
"""The packages on a Debian 12 that has nothing else: made by mmdebstrap, from where this machine gets its packages.

The demo's scenarios are played in it. On a machine that is busy a run may be invalid, with its reason; one that is
valid agrees with the simulation.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from packages import PACKAGES, SKIPPED, SOURCE, main, make_packages, need, run

SUITE = "bookworm"
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
COMPILERS = ["gcc", "g++", "cc", "c++", "clang", "make", "ninja", "cmake", "node"]
DEMO = {"incast-7": 9, "incast-4": 9, "allreduce": 3}  # runs: settings times seeds
# Ends when the command does, whatever it leaves behind.
ENTER = """mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
exec chroot "$@"
"""


def sources():
    """Where apt gets Debian from, without what else a machine may take packages from."""
    wanted = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"]
    for path in wanted:
        if os.path.exists(path) and subprocess.run(["grep", "-q", SUITE, path]).returncode == 0:
            return path
    print(f"skipped: neither {' nor '.join(wanted)} has a line for {SUITE}")
    sys.exit(SKIPPED)


def bootstrap(*arguments):
    return ["mmdebstrap", "--mode=root", "--variant=minbase", *arguments]


class Root(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="railyard-root-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.root = os.path.join(cls.folder, "root")
        acquire = os.path.join(cls.folder, "apt.conf")
        with open(acquire, "w", encoding="utf-8") as file:
            file.write(run("apt-config", "dump", "Acquire"))
        mirror = sources()
        tried = subprocess.run(bootstrap(f"--aptopt={acquire}", "--simulate", SUITE, os.devnull, mirror),
                               capture_output=True, text=True)
        if tried.returncode != 0:
            print("skipped: mmdebstrap makes no root here:", tried.stderr)
            sys.exit(SKIPPED)
        packages = os.path.join(cls.folder, "packages")
        make_packages(packages)
        with open(os.path.join(packages, "Packages"), "w", encoding="utf-8") as index:
            subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=packages, stdout=index, check=True,
                           stderr=subprocess.DEVNULL)
        run(*bootstrap(f"--aptopt={acquire}", f"--include={','.join(PACKAGES)}", SUITE, cls.root, mirror,
                       f"deb [trusted=yes] copy://{packages} ./"))

    def inside(self, *command, timeout=60):
        """Its exit code, and what it printed."""
        entered = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.root}/proc", "sh", "-ec", ENTER,
             "sh", self.root, "env", "-i", f"PATH={PATHS}", "HOME=/root", *command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
        return entered.returncode, entered.stdout

    def done(self, *command, **options):
        code, said = self.inside(*command, **options)
        self.assertEqual(code, 0, said)
        return said

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


for command in ("mmdebstrap", "dpkg-scanpackages", "apt-config", "dpkg-shlibdeps"):
    need(command)
if os.geteuid() != 0:
    print("skipped: only root may mount /proc, /sys and /dev in another root")
    sys.exit(SKIPPED)
main()
