"""What runs on a clock or in the background. Thin: each job opens a connection and calls a service.

Huey on SQLite by default, so that one machine needs nothing else; `HUEY_URL=database` keeps the queue in tables
beside ours. Arguments of jobs are ids, never personal data. Only one worker runs what is periodic.
"""
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC
from logging import getLogger

from flask import Flask
from huey import SqliteHuey, crontab
from huey.contrib.sql_huey import SqlHuey

import clock
import db
import server
from services import (
    accounts,
    consents,
    cooperation,
    corrections,
    coverage,
    digests,
    drafts,
    emergency,
    family,
    feedback,
    feeds,
    figures,
    groups,
    import_jobs,
    journal,
    mail,
    offers,
    plans,
    programmes,
    referrals,
    retention,
    search_index,
    still_true,
    visitors,
    visits,
)
from services.visits import recording

log = getLogger("navaznost.jobs")
WORKER = ["-m", "flask", "--app", "app:for_jobs", "work"]


def in_prague(**when):
    """A schedule by the clock in Prague. The queue asks in UTC, whatever the clock of the machine shows."""
    fits = crontab(**when)
    return lambda moment: fits(clock.local(moment.replace(tzinfo=UTC)))


EVERY_MINUTE = crontab(minute="*")
EVERY_HOUR = crontab(minute="20")
EVERY_NIGHT = in_prague(hour="3", minute="10")
EVERY_MORNING = in_prague(hour="7", minute="5")
IN_THE_FORENOON = in_prague(hour="10", minute="0")  # when a message to a client wakes nobody
AFTER_THE_MORNING = in_prague(hour="7", minute="20")  # so that what the morning's jobs say goes into the digests


def queue(app: Flask):
    """The queue of this application with its jobs registered."""
    config = app.config["NAVAZNOST"]
    huey = SqlHuey("navaznost", database=db.database.obj) if config.huey_url == "database" \
        else SqliteHuey("navaznost", filename=str(config.data / "huey.db"), fsync=True)
    for name, schedule, work in JOBS:
        huey.periodic_task(schedule, name=name)(_in(app, work))
    huey.go_on_with_imports = huey.task(name="wake-imports")(_in(app, import_jobs.work_due))
    return huey


def waker(app: Flask):
    """A function that has the worker go on with imports now; without it the next minute does."""
    def wake():
        if app.config["NAVAZNOST"].huey_url != "database":  # a request's connection only reads
            queue(app).go_on_with_imports()
    return wake


def _in(app, work):
    def job():
        with app.app_context(), connection():
            work()
    job.__name__ = work.__name__
    return job


@contextmanager
def connection():
    """A connection of this thread for the time of one job."""
    db.open_connection()
    try:
        yield
    finally:
        db.database.close()


JOBS = [
    ("deliver-mail", EVERY_MINUTE, mail.deliver_due),
    ("seal-journal", EVERY_MINUTE, journal.seal),
    ("lapse-corrections", EVERY_NIGHT, corrections.lapse_due),
    ("end-cooperations", EVERY_NIGHT, cooperation.end_due),
    ("open-prisons", EVERY_NIGHT, cooperation.open_due),
    ("lapse-visits", EVERY_MINUTE, visits.lapse_due),
    ("run-out-offers-of-visits", EVERY_MINUTE, visits.run_out_due),
    ("mark-late-answers", EVERY_MORNING, visits.overdue_due),
    ("ask-how-visits-went", EVERY_MORNING, recording.remind_due),
    ("close-visits-not-recorded", EVERY_NIGHT, recording.unrecord_due),
    ("expire-clearances", EVERY_NIGHT, visitors.expire_due),
    ("warn-of-clearances", EVERY_MORNING, visitors.warn_due),
    ("remind-of-visits", EVERY_MORNING, visits.remind_coming),
    ("warn-of-programmes-that-end", EVERY_MORNING, programmes.warn_due),
    ("free-held-places", EVERY_HOUR, programmes.lapse_due),
    ("freeze-programmes", EVERY_NIGHT, programmes.freeze_due),
    ("let-go-of-programmes", EVERY_NIGHT, programmes.let_go_due),
    ("remind-of-tasks-of-meetings", EVERY_MORNING, groups.remind_due),
    ("approve-minutes", EVERY_NIGHT, groups.approve_due),
    ("send-digests", AFTER_THE_MORNING, digests.send_due),
    ("end-feeds", EVERY_NIGHT, feeds.end_due),
    ("open-follow-ups", EVERY_NIGHT, feedback.open_due),
    ("ask-clients-how-they-fare", IN_THE_FORENOON, feedback.ask_clients),
    ("hand-calls-for-help-to-deputies", EVERY_HOUR, feedback.escalate_due),
    ("expire-consents", EVERY_NIGHT, consents.expire),
    ("answers-of-referrals", EVERY_MORNING, referrals.run_due),
    ("drop-drafts-of-referrals", EVERY_NIGHT, referrals.drop_old),
    ("freeze-figures", EVERY_NIGHT, figures.freeze),
    ("freeze-unmet-needs", EVERY_NIGHT, coverage.unmet.freeze),
    ("take-coverage-of-the-month", EVERY_NIGHT, coverage.snapshots.keep_month),
    ("open-gaps-again", EVERY_NIGHT, coverage.gaps.watch),
    ("sink-what-ended", EVERY_NIGHT, search_index.reindex_ended),
    ("ask-what-is-still-true", EVERY_MORNING, still_true.ask_due),
    ("tell-of-offers", EVERY_MORNING, offers.digest),
    ("sink-what-is-stale", EVERY_NIGHT, search_index.reindex_stale),
    ("ask-to-confirm-before-release", EVERY_NIGHT, plans.remind_due),
    ("report-emergencies", EVERY_HOUR, emergency.report_unconfirmed),
    ("drop-attempts", EVERY_NIGHT, accounts.drop_old_attempts),
    ("drop-drafts", EVERY_NIGHT, drafts.drop_old),
    ("drop-mail", EVERY_NIGHT, retention.drop_old_mail),
    ("drop-notes-of-families", EVERY_NIGHT, retention.drop_old_notes),
    ("tell-clients-of-notes", IN_THE_FORENOON, family.tell_due),
    ("drop-writings-of-minutes", EVERY_NIGHT, retention.drop_old_writings),
    ("drop-meetings", EVERY_NIGHT, retention.drop_old_meetings),
    ("drop-digest-lines", EVERY_NIGHT, retention.drop_old_digest_lines),
    ("erase-closed-cases", EVERY_NIGHT, retention.drop_closed_cases),
    ("drop-sign-ins", EVERY_NIGHT, retention.drop_old_sign_ins),
    ("go-on-with-imports", EVERY_MINUTE, import_jobs.work_due),
    ("drop-imports", EVERY_NIGHT, import_jobs.drop_old),
]


def work(app: Flask) -> None:
    """Runs the jobs until stopped."""
    threading.Thread(target=_live, daemon=True).start()
    queue(app).create_consumer(workers=1, periodic=True, initial_delay=0.5, max_delay=5).run()


def _live():
    """Shows that this worker is alive."""
    while True:
        with suppress(OSError):
            import_jobs.beat()
        time.sleep(import_jobs.BEAT)


def serve(app: Flask, host: str, port: int, with_worker: bool) -> None:
    """Serves until Ctrl-C or a termination signal, with the worker as a process of its own beside it.

    The port is taken before the worker starts; SystemExit with a sentence where it is not to be had.
    """
    listening = _server(app, host, port)
    worker = subprocess.Popen([sys.executable, *WORKER]) if with_worker else None
    _stop_on_signal()
    server.settle()
    try:
        listening.run()
    finally:
        if worker:
            worker.terminate()
            worker.wait(timeout=20)


def _server(app, host, port):
    try:
        return server.listen(app.wsgi_app, host, port, app.config["NAVAZNOST"].trusted_proxies)
    except OSError as error:
        raise SystemExit(f"Cannot serve on {host}:{port} ({error.strerror}). "
                         "Choose another port: make run PORT=8001.") from error


def _stop_on_signal():
    """Both signals end the server's loop in order, even where a shell started us with Ctrl-C ignored."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)


def _stop(number, frame):
    raise SystemExit(0)
