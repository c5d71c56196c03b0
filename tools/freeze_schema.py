"""Writes the statements of `models.py` for both databases, to start a migration from.

    python tools/freeze_schema.py migrations/0001_initial

makes `….sqlite.sql` and `….postgresql.sql`, one statement a line. Once released, a migration is never written again.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import db
import models

for name, url in (("sqlite", "sqlite:////tmp/navaznost-freeze.db"), ("postgresql", "postgresql://freeze@localhost/x")):
    db.connect(url)
    statements = db.schema(models.MODELS, models.APPEND_ONLY)
    Path(f"{sys.argv[1]}.{name}.sql").write_text(";\n".join(statements) + ";\n")
