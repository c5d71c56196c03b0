"""The application as `make run` serves it, and the floor, each a process of its own whose CPU time can be read."""
import http.client
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import config
import jobs
from tests.support.servers import die_with_the_tests, free_port

TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
STARTS_WITHIN = 20  # seconds
FORM = "application/x-www-form-urlencoded"


@dataclass
class Server:
    """A served process on a loopback port."""

    process: subprocess.Popen
    port: int

    def cpu(self) -> float:
        """Seconds of CPU (user and system, all threads) that the process has used. Linux."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self) -> float:
        """Resident memory in MB."""
        return resident(self.process.pid)


def resident(pid: int) -> float:
    """Resident memory of a process in MB (10^6 bytes)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_of_children(pid: int) -> float:
    """Seconds of CPU of a process with its children, those that ended too: what a database server has used."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return sum(_ticks(each) for each in pids) / os.sysconf("SC_CLK_TCK")


def _ticks(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0  # ended meanwhile: its parent counts it next time
    return sum(map(int, fields[11:15]))


@contextmanager
def floor():
    port = free_port()
    with _running(["-m", "benchmarks.floor", str(port)], {}, port, "/") as server:
        yield server


@contextmanager
def application(folder: Path, database_url: str, path: str = "/sign-in"):
    """The application on an existing database, ready when `path` has answered."""
    port = free_port()
    settings = {"DATA_DIR": str(folder), "DATABASE_URL": database_url, "BASE_URL": f"http://127.0.0.1:{port}"}
    command = ["-m", "flask", "--app", "app", "serve", "--no-worker", "--port", str(port)]
    with _running(command, settings, port, path) as server:
        yield server


@contextmanager
def worker(folder: Path, database_url: str):
    """The process that does the background jobs."""
    settings = {"DATA_DIR": str(folder), "DATABASE_URL": database_url}
    process = _start(jobs.WORKER, settings)
    try:
        yield process
    finally:
        _end(process)


@contextmanager
def _running(command, settings, port, path):
    server = Server(_start(command, settings), port)
    try:
        _wait(server, path)
        yield server
    finally:
        _end(server.process)


def _start(command, settings):
    return subprocess.Popen([sys.executable, *command], cwd=config.ROOT, env={**os.environ, **settings},
                            stdout=subprocess.DEVNULL, preexec_fn=die_with_the_tests)


def _end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(server, path):
    before = time.monotonic()
    while time.monotonic() - before < STARTS_WITHIN and server.process.poll() is None:
        try:
            if Reader(server.port).get(path).status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"A server did not start: {json.dumps(server.process.args)}")


# Those who read

@dataclass
class Answer:
    status: int
    body: bytes
    location: str = ""


@dataclass
class Reader:
    """A connection that is kept open, with the cookies of one session."""

    port: int
    cookie: str = ""
    token: str = ""
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, fragment: bool = False) -> Answer:
        return self._ask("GET", path, None, {"HX-Request": "true"} if fragment else {})

    def post(self, path: str, values: dict) -> Answer:
        """Sends a form with the token of this session, which a page is asked for the first time."""
        if not self.token:
            self.token = TOKEN.search(self.get("/").body)[1].decode()
        body = urlencode({**values, "csrf_token": self.token}, doseq=True)
        return self._ask("POST", path, body, {"Content-Type": FORM})

    def _ask(self, method, path, body, headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.read(), response.headers.get("Location", ""))
        if changed := response.headers.get("Set-Cookie"):
            self.cookie = changed.split(";")[0]
        return answer
