"""A process that asks for visits until it is killed, and says which requests were acknowledged.

    python -m tests.support.writer DATA_DIR DATABASE_URL
"""
import sys
from datetime import timedelta

import app as application
import clock
import db
from models import Organisation, User
from services import slots, visits


def main(data_dir: str, url: str) -> None:
    """Prints the public id of each booking once its request has been answered."""
    made = application.create_app(data_dir=data_dir, database_url=url, argon2_memory_kib=8)
    with made.app_context():
        db.open_connection()
        nela = User.get(User.name == "Nela Nová")
        prison = Organisation.get(Organisation.slug == "prison")
        found = slots.free_slots(prison, clock.today(), clock.today() + timedelta(days=120), limit=2000)
        print("ready", flush=True)
        for slot in found:
            wish = visits.Wish(slot.key, colleagues=[nela.public_id])
            print(visits.ask(nela, prison, visits.new_request_key(), wish).public_id, flush=True)


main(*sys.argv[1:])
