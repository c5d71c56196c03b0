"""The application behind a real port, and the same behind TLS."""
import ctypes
import datetime
import ipaddress
import json
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import config

PDEATHSIG = 1  # prctl: the kernel ends a server if the tests are killed
A_YEAR = datetime.timedelta(days=365)


def die_with_the_tests(number=signal.SIGTERM):
    """For `preexec_fn` of a server."""
    ctypes.CDLL(None).prctl(PDEATHSIG, number)


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Live:
    """A served application: its address, the folder with its database and log, the process."""

    url: str
    folder: Path
    process: subprocess.Popen

    @property
    def database(self) -> Path:
        return self.folder / "live.db"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def served(folder: Path, port: int, url: str, **settings):
    """Serves a new database with the cast (SQLite in `folder`, or `database_url`) until the block ends."""
    settings = {"data_dir": str(folder), "database_url": f"sqlite:///{folder / 'live.db'}", "base_url": url, **settings}
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "tests.support.serve", str(port), json.dumps(settings)],
                                   cwd=config.ROOT, stdout=log, stderr=log, preexec_fn=die_with_the_tests)
    live = Live(url, folder, process)
    try:
        _wait_for(live, port)
        yield live
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(live, port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz",
                                     headers={"Host": live.url.split("://")[1]})
    for _ in range(1200):  # a minute, on a machine that is busy
        if live.process.poll() is not None:
            break
        try:
            urllib.request.urlopen(request, timeout=2).close()
            return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"/healthz answered {error.code}\n{live.log}") from error
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the application did not start\n{live.log}")


class TlsProxy:
    """Ends TLS on a port and passes the bytes on to another one, a thread a connection."""

    def __init__(self, folder: Path, port: int, target: int):
        self.target, self.closing = target, False
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*self_signed(folder))
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.closing:
            try:
                raw, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as secure, \
                    socket.create_connection(("127.0.0.1", self.target)) as plain:
                _relay(secure, plain)
        except OSError:
            raw.close()  # the browser went away or refused the certificate

    def stop(self):
        self.closing = True
        self.listener.close()


def _relay(secure, plain):
    other = {secure: plain, plain: secure}
    while True:
        ready = [secure] if secure.pending() else select.select([secure, plain], [], [], 60)[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            other[source].sendall(data)
        if not ready:
            return


def self_signed(folder: Path) -> tuple[Path, Path]:
    """The files of a certificate for localhost and of its key, good for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - A_YEAR).not_valid_after(now + A_YEAR)
                   .add_extension(x509.SubjectAlternativeName(hosts), critical=False).sign(key, hashes.SHA256()))
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return files
