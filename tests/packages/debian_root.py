# SPDX-License-Identifier: BSD-3-Clause
"""A Debian 12 with the packages and what they depend on: made by mmdebstrap, from where this machine gets its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from packages import PACKAGES, SKIPPED, make_packages, need, run

SUITE = "bookworm"
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
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


class DebianRoot(unittest.TestCase):
    also = []  # further packages of Debian

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
        run(*bootstrap(f"--aptopt={acquire}", f"--include={','.join(PACKAGES + cls.also)}", SUITE, cls.root, mirror,
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


def need_root():
    """Skips all where no root can be made."""
    for command in ("mmdebstrap", "dpkg-scanpackages", "apt-config", "dpkg-shlibdeps"):
        need(command)
    if os.geteuid() != 0:
        print("skipped: only root may mount /proc, /sys and /dev in another root")
        sys.exit(SKIPPED)
