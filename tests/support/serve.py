"""`python -m tests.support.serve PORT '{"base_url": …}'`: a new database with the cast, served by waitress at NOW."""
import json
import sys
import threading
import time

import time_machine
from waitress import create_server

import app as application
import db
from jobs import connection
from models import User
from services import import_jobs, mail
from tests.support import cast, databases


def main(port: int, settings: dict) -> None:
    time_machine.travel(cast.NOW, tick=True).start()
    made = application.create_app(mode="demo", secret_key="0" * 64, argon2_memory_kib=8, **settings)
    db.migrate(databases.MIGRATIONS)
    if not User.select().exists():
        cast.build()
    if "smtp_port" in settings:
        threading.Thread(target=_deliver, args=(made,), daemon=True).start()
    create_server(made.wsgi_app, host="127.0.0.1", port=port, threads=4, ident=None).run()


def _deliver(made):
    """The jobs that send mails and go on with files, each second instead of each minute."""
    while True:
        time.sleep(1)
        with made.app_context(), connection():
            mail.deliver_due()
            import_jobs.work_due()


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
