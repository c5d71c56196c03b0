"""Readers of foreign files that are quick to begin: forks of one process that has loaded what they load.

A real one, `python -m importers.reading`, loads the application anew for each file, a third of a second. A fork bounds
itself, reads, tells and dies by the same code. `real_readers` gives a test the real ones.
"""
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TextIO

import config
from tests.support.servers import die_with_the_tests


@dataclass
class Reader:
    """What importers.reading needs of a process: it ends when nobody hears it any more."""

    stdin: TextIO
    stdout: TextIO

    def kill(self):
        self.stdout.close()

    def wait(self, timeout):
        pass


class Nursery:
    """Begins at the first file."""

    def __init__(self):
        self.process = None

    def start(self, _folder) -> Reader:
        if self.process is None:
            self._begin()
        asked, asking = os.pipe()
        heard, telling = os.pipe()
        socket.send_fds(self.ours, [b"."], [asked, telling])
        os.close(asked)
        os.close(telling)
        return Reader(open(asking, "w"), open(heard))

    def _begin(self):
        self.ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.readers", str(theirs.fileno())], cwd=config.ROOT,
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_the_tests)
        theirs.close()

    def stop(self):
        if self.process is not None:
            self.ours.close()
            self.process.wait(timeout=20)


# In the process

def _main(ours: socket.socket) -> None:
    from importers import book_rows, hsds, reading, rpss, spreadsheet  # noqa: F401
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        _asked, (asked, telling), _flags, _address = _received(ours)
        if os.fork() == 0:
            _read(reading, asked, telling)
        os.close(asked)
        os.close(telling)


def _received(ours):
    received = socket.recv_fds(ours, 1, 2)
    if not received[0]:
        sys.exit()
    return received


def _read(reading, asked, telling):
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin, sys.stdout = os.fdopen(asked), os.fdopen(telling, "w")
        reading._main()
        sys.stdout.flush()
    finally:
        os._exit(0)


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
