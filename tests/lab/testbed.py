# SPDX-License-Identifier: BSD-3-Clause
"""Starts the lab's programs inside the namespace that in-namespace has made, and ends them whatever happens."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77  # what CTest takes for "skipped"
SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("RAILYARD_BIN", os.path.join(SOURCE, "build", "release", "bin"))


def program(name):
    return os.path.join(BIN, name)


def token_file(folder):
    """A secret for players and controller: inside a namespace all run as root, which needs one."""
    path = os.path.join(folder, "lab.token")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path


def real_time():
    """--realtime where that is allowed: processes that poll all the time would wait for each other."""
    allowed = subprocess.run(["chrt", "--fifo", "1", "true"], check=False, capture_output=True).returncode == 0
    return ["--realtime"] if allowed else []


def is_real_root():
    """A user namespace's root has CAP_BPF there only, which the kernel does not take."""
    with open("/proc/self/uid_map", encoding="ascii") as uid_map:
        return os.geteuid() == 0 and uid_map.read().split() == ["0", "0", "4294967295"]


class Process:
    """A program in the background, its output in a file."""

    def __init__(self, *command):
        self.output = tempfile.NamedTemporaryFile(prefix="railyard-lab-", suffix=".log")
        self.name = os.path.basename(command[0])
        self.popen = subprocess.Popen(command, stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def text(self):
        with open(self.output.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for(self, text, timeout=10):
        limit = time.monotonic() + timeout
        while text not in self.text():
            if self.popen.poll() is not None or time.monotonic() > limit:
                raise AssertionError(f"{self.name} did not say '{text}':\n{self.text()}")
            time.sleep(0.02)

    def stop(self, how=signal.SIGTERM, timeout=10):
        """Its exit code; negative where a signal ended it."""
        if self.popen.poll() is None:
            self.popen.send_signal(how)
        return self.wait(timeout)

    def wait(self, timeout=10):
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.name} did not end within {timeout} s:\n{self.text()}") from None


class LabTest(unittest.TestCase):
    def start(self, *command):
        process = Process(*command)
        self.addCleanup(process.stop)
        return process


def main():
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun == len(result.skipped) else 0)
