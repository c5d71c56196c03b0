"""Settings from the environment with safe defaults; no logic beyond reading them."""
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VERSION = "0.1.0"


@dataclass
class Config:
    """Every setting, its environment variable being the same name in capitals."""

    data_dir: str = str(ROOT / "var")
    database_url: str = ""  # empty: SQLite in the data directory
    migrate_database_url: str = ""  # PostgreSQL: the owner of the tables, where the application's role owns none
    base_url: str = "http://127.0.0.1:8000"
    mode: str = "demo"  # demo | live
    secret_key: str = ""  # empty: made once in the data directory
    master_key_file: str = ""  # empty: made once in the data directory (demo only)
    backup_recipient: str = ""
    second_factor: str = ""
    public_search: str = "on"  # on | off: the search that clients and families use without signing in
    family_notes: str = "on"  # on | off: notes from somebody close to a client, by the code on their card
    clients: str = "on"  # on | off: off leaves the book, visits by number of people and coverage, and no client at all
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: str = ""  # "" | starttls | tls
    mail_from: str = "navaznost@localhost.localdomain"
    huey_url: str = ""  # empty: SQLite in the data directory; "database": tables beside ours
    idle_minutes: int = 15
    absolute_hours: int = 8
    argon2_memory_kib: int = 65536
    even_answer_ms: int = 25  # answers that might tell whether somebody exists leave at multiples of it; 0: at once
    trusted_proxies: int = 0

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def data(self) -> Path:
        return Path(self.data_dir)


def read(**overrides) -> Config:
    """The configuration from environment variables, then `overrides`; fills in what depends on the rest."""
    values = {f.name: _cast(f, os.environ[f.name.upper()]) for f in fields(Config) if f.name.upper() in os.environ}
    config = Config(**{**values, **overrides})
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.database_url = config.database_url or f"sqlite:///{config.data / 'navaznost.db'}"
    config.secret_key = config.secret_key or kept_secret(config.data / "secret.key")
    config.master_key_file = config.master_key_file or str(config.data / "master.key")
    return config


def _cast(field, text):
    return field.type(text) if field.type in (int, str) else text


def random_hex() -> str:
    return secrets.token_hex(32)


def kept_secret(path: Path, new=random_hex) -> str:
    """A random secret that is made once (by `new`: 64 hex digits) and then read; the file is the owner's alone."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        made.touch(mode=0o600)
        made.write_text(new())
        with suppress(FileExistsError):  # another process was first: whole files only, so nobody reads half a secret
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()
