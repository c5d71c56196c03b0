"""The demonstration as `make run` fills it in and serves it, and windows of the people whose accounts it prints."""
import os
import subprocess
import sys
from contextlib import contextmanager

import config
from tests.support import servers
from tests.support.chromium import Windows


@contextmanager
def served_demo(folder, smtp_port: int = 1):
    """The demonstration, filled in and served by the very commands of `make run`; yields it with its password."""
    port = servers.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "DATA_DIR": str(folder), "BASE_URL": url, "SMTP_PORT": str(smtp_port),
                   "PORT": str(port)}

    def flask(*words):
        return [sys.executable, "-m", "flask", "--app", "app", *words]
    for command in ("migrate", "fill-demo"):
        subprocess.run(flask(command), cwd=config.ROOT, env=environment, check=True, capture_output=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(flask("serve", "--no-worker"), cwd=config.ROOT, env=environment, stdout=log,
                                   stderr=log, preexec_fn=servers.die_with_the_tests)
    live = servers.Live(url, folder, process)
    live.password = (folder / "demo-password").read_text().strip()
    live.flask = lambda *words: subprocess.run(flask(*words), cwd=config.ROOT, env=environment, check=True,
                                               capture_output=True, text=True).stdout
    servers._wait_for(live, port)
    try:
        yield live
    finally:
        process.terminate()
        process.wait(timeout=20)


class DemoWindows(Windows):
    """Windows of the people whose accounts `make run` prints: `windows("nela")`, as of the cast."""

    def fill_in(self, page, who: str) -> None:
        """Fills in and sends the form of signing in that is shown."""
        page.fill("[name=email]", f"{who}@demo.test")
        page.fill("[name=password]", self.live.password)
        page.click("main form button")
