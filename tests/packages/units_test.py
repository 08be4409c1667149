# SPDX-License-Identifier: BSD-3-Clause
"""The packages' units, started by systemd in a Debian 12 of their own: the players play with the rights they get."""

import json
import os
import shutil
import subprocess
import sys
import time
import unittest

from debian_root import DebianRoot, need_root
from packages import SKIPPED, main

OPTIONS = {
    "railyard-agent": "--name hosts --port af_packet:h0 --port af_packet:h1 --listen unix:/run/railyard-agent/control",
    "railyard-softswitch": "--name leaf0 --port af_packet:s0 --port af_packet:s1 "
                           "--listen unix:/run/railyard-softswitch/control",
}
TARGET = "[Unit]\nWants=railyard-agent.service railyard-softswitch.service\n"
# As a container: with namespaces, a cgroup and devices of its own, so that it changes nothing of the machine.
BOOT = """root=$1
echo $$ >"$2/cgroup.procs"
exec unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup sh -ec '
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
mount -t tmpfs tmpfs "$1/run"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for device in null zero full random urandom tty; do
  touch "$1/dev/$device"
  mount --bind "/dev/$device" "$1/dev/$device"
done
mkdir "$1/dev/shm"
exec chroot "$1" env -i container=railyard PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
  /usr/libexec/railyard/in-namespace --cables 2 -- /lib/systemd/systemd --unit=players.target
' sh "$root"
"""


def cgroup2():
    with open("/proc/self/mounts", encoding="ascii") as mounts:
        for line in mounts:
            _, place, kind, *_ = line.split()
            if kind == "cgroup2":
                return place
    print("skipped: no cgroup2 is mounted, which systemd needs")
    sys.exit(SKIPPED)


class Units(DebianRoot):
    also = ["systemd", "dbus"]

    def setUp(self):
        for player, options in OPTIONS.items():
            self.write(f'OPTIONS="{options}"\n', "etc", "default", player)
        self.write(TARGET, "etc", "systemd", "system", "players.target")
        shutil.copy(os.path.join(os.path.dirname(__file__), "units.yaml"), os.path.join(self.root, "srv"))
        self.cgroup = os.path.join(cgroup2(), f"railyard-units-{os.getpid()}")
        os.mkdir(self.cgroup)
        self.addCleanup(self.remove_cgroup)
        self.log = open(os.path.join(self.folder, "boot.log"), "w", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.boot = subprocess.Popen(["sh", "-ec", BOOT, "sh", self.root, self.cgroup], stdout=self.log,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.addCleanup(self.boot.wait)
        self.addCleanup(self.boot.kill)

    def write(self, text, *path):
        with open(os.path.join(self.root, *path), "w", encoding="utf-8") as file:
            file.write(text)

    def remove_cgroup(self):
        """What was booted ends a moment after the unshare that it was booted by."""
        events = os.path.join(self.cgroup, "cgroup.events")
        while subprocess.run(["grep", "-q", "populated 1", events]).returncode == 0:
            time.sleep(0.1)
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            os.rmdir(folder)

    def beside(self, *command):
        """In the namespaces of the systemd that was booted."""
        with open(f"/proc/{self.boot.pid}/task/{self.boot.pid}/children", encoding="ascii") as children:
            process = children.read().split()
        if not process:
            return 1, "nothing was booted"
        done = subprocess.run(["nsenter", "--target", process[0], "--mount", "--pid", "--net", "--root", "--wd", *command],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.returncode, done.stdout

    def wait_for(self, *command):
        for _ in range(300):
            code, said = self.beside(*command)
            if code == 0:
                return said
            time.sleep(0.2)
        self.fail(f"{' '.join(command)}: {said}\n{self.beside('systemctl', 'status', '--no-pager', *OPTIONS)[1]}")

    def test_players_play_as_services(self):
        for player in OPTIONS:
            self.wait_for("test", "-S", f"/run/{player}/control")
        code, said = self.beside("railyard-lab", "run", "/srv/units.yaml", "--output", "/srv/played", "--pcap",
                                 "--quiet")
        played = os.path.join(self.root, "srv", "played")
        self.assertTrue(os.path.exists(os.path.join(played, "lab.json")), said)
        with open(os.path.join(played, "lab.json"), encoding="utf-8") as file:
            only = json.load(file)["runs"][0]
        self.assertTrue(only["complete"], said)
        self.assertTrue(only["valid"] or "late" in only["invalid_because"], said)  # on a busy machine
        self.assertEqual(code, 0 if only["valid"] else 1, said)
        for player in OPTIONS:
            captures = os.path.join(self.root, "var", "lib", player)
            self.assertEqual(os.stat(captures).st_mode & 0o777, 0o700)
            self.assertTrue([name for name in os.listdir(captures) if name.endswith(".pcap")], said)
            self.assertEqual(self.beside("systemctl", "stop", player)[0], 0)
            said = self.beside("systemctl", "show", "--property=Result,ExecMainStatus", player)[1]
            self.assertEqual(said.split(), ["Result=success", "ExecMainStatus=0"])


need_root()
main()
