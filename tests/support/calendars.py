"""A calendar as people have it: vdirsyncer subscribes to an address, khal shows and takes in entries.

Both come from PyPI into an environment of their own (requirements-calendar.txt, with hashes), which is kept in
var/calendar-client as long as that file stays the same.
"""
import hashlib
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from waitress import create_server

import config
from tests.support import needed, servers

REQUIREMENTS = config.ROOT / "requirements-calendar.txt"
KEPT = config.ROOT / "var" / "calendar-client"


def environment() -> Path:
    """The folder of the clients' programs."""
    home = KEPT / hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    if not (home / "ready").exists():
        try:
            _install(home)
        except subprocess.CalledProcessError as error:
            needed.lacking(f"The calendar client cannot be installed from PyPI: {error.stderr[-300:]}")
        (home / "ready").touch()
    return home / "bin"


def _install(home):
    _run(sys.executable, "-m", "venv", "--clear", str(home))
    _run(str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
         "--only-binary", ":all:", "-r", str(REQUIREMENTS))


def _run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240, **options)


@contextmanager
def published(app):
    """The application at a loopback port for programs of others, as a proxy would give it: its host is its own."""
    def as_a_proxy(environ, start_response):
        environ["HTTP_HOST"] = app.config["BASE_URL"].split("://")[1]
        return app.wsgi_app(environ, start_response)
    server = create_server(as_a_proxy, host="127.0.0.1", port=servers.free_port(), threads=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(5)


class Client:
    """One person's calendar in a folder."""

    def __init__(self, folder: Path):
        self.folder, self.bin, self.kept = folder, environment(), folder / "visits"
        self.kept.mkdir()
        (folder / "khal").write_text(
            f"[calendars]\n[[visits]]\npath = {self.kept}\n[default]\ndefault_calendar = visits\n[locale]\n"
            "local_timezone = Europe/Prague\ndefault_timezone = Europe/Prague\ntimeformat = %H:%M\n"
            "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
            f"longdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {folder / 'khal.db'}\n")

    def subscribe(self, address: str) -> None:
        """Names the address that `read` reads."""
        (self.folder / "vdirsyncer").write_text(
            f'[general]\nstatus_path = "{self.folder / "status"}"\n'
            '[pair visits]\na = "there"\nb = "here"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage there]\ntype = "http"\nurl = "{address}"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.kept}"\nfileext = ".ics"\n')
        self._vdirsyncer("discover")

    def read(self) -> bool:
        """Reads the address as the calendar does by itself; False where that does not work (any more)."""
        try:
            self._vdirsyncer("sync")
        except subprocess.CalledProcessError:
            return False
        return True

    def _vdirsyncer(self, command):
        return _run(str(self.bin / "vdirsyncer"), "-c", str(self.folder / "vdirsyncer"), command, input="y\n")

    def take_in(self, entry: str) -> None:
        """Opens the calendar file of a mail."""
        file = self.folder / "entry.ics"
        file.write_text(entry, newline="")
        self._khal("import", "--batch", "-a", "visits", str(file))

    def shown(self, day: str) -> list[str]:
        """The lines of a day, `2026-11-25`: begin, end, state, what and where."""
        out = self._khal("list", "--format", "{start-time}-{end-time} {status}{title} @ {location}",
                         "--day-format", "", day, "1d")
        return [line.strip() for line in out.splitlines() if line.strip()]

    def _khal(self, *command):
        return _run(str(self.bin / "khal"), "-c", str(self.folder / "khal"), *command,
                    env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout

    @property
    def entries(self) -> list[str]:
        return [file.read_text() for file in sorted(self.kept.glob("*.ics"))]
