"""Mail through a real SMTP server: once, in the end, and as it was written. fig-D6, fig-F7."""
import multiprocessing
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import db
from models import Outbox, OutboxState
from services import keys, mail
from tests.support import servers
from tests.support.cast import NOW
from tests.support.postbox import Postbox
from text import clean_text

FORKED = multiprocessing.get_context("fork")


def post(cast, subject="Schůzka", body="Text"):
    with db.writing():
        return mail.post(cast.nela, subject, body)


def state():
    return Outbox.get().state


def test_a_mail_goes_out_once(cast, postbox):
    post(cast, "Schůzka potvrzena", "Přijďte.")
    assert [mail.deliver_due(), mail.deliver_due()] == [1, 0]
    sent = postbox.to("nela")
    assert [(each["Subject"], postbox.words(each).strip()) for each in sent] == [("Schůzka potvrzena", "Přijďte.")]
    assert state() is OutboxState.SENT and mail.waiting() == 0


def test_a_dead_server_loses_nothing_and_sends_nothing_twice(cast, postbox, travel, monkeypatch, figure):
    for number in range(60):
        post(cast, f"Zpráva {number:02}")
    alive = mail.Settings.port
    monkeypatch.setattr(mail.Settings, "port", servers.free_port())
    tries = 0
    for _minutes in range(12):
        tries += mail.deliver_due()
        travel.shift(300)
    assert tries == 0 and mail.waiting() == 60 and not postbox.mails
    monkeypatch.setattr(mail.Settings, "port", alive)
    travel.shift(timedelta(days=1))
    for _again in range(3):
        mail.deliver_due()
    subjects = sorted(each["Subject"] for each in postbox.mails)
    wrong = len(set(range(60)) ^ {int(subject[-2:]) for subject in subjects}) + len(subjects) - len(set(subjects))
    with db.writing():
        Outbox.update(state=OutboxState.WAITING, next_try_at=cast.now).execute()
    again = mail.deliver_due() + mail.deliver_due()
    figure("fig-D6 mails lost or sent twice when the server was down for an hour", wrong, "mails", 60,
           control=again == 60 and "states put back to waiting: 60 of 60 sent twice")


def deliver_in_another_process(engine, ready):
    engine.bind()
    with engine.app.app_context():
        ready.wait(20)
        while mail.deliver_due():
            pass


def test_two_deliverers_send_nothing_twice(engine, cast, postbox):
    for number in range(60):
        post(cast, f"Zpráva {number:02}")
    db.database.close()
    ready = FORKED.Barrier(2)
    runs = [FORKED.Process(target=deliver_in_another_process, args=(engine, ready)) for _each in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    engine.bind()
    assert [run.exitcode for run in runs] == [0, 0]
    assert sorted(each["Subject"] for each in postbox.mails) == [f"Zpráva {number:02}" for number in range(60)]


class Refusing(Postbox):
    """A server that refuses every recipient with a code."""

    def __init__(self, code):
        super().__init__()
        self.code = code

    async def handle_RCPT(self, server, session, envelope, address, options):
        return f"{self.code} no"


@pytest.mark.parametrize(("code", "ends"), [(550, OutboxState.FAILED), (451, OutboxState.WAITING)])
def test_a_refused_recipient_fails_for_good_or_waits(cast, monkeypatch, code, ends):
    server = Controller(Refusing(code), hostname="127.0.0.1", port=servers.free_port())
    server.start()
    monkeypatch.setattr(mail.Settings, "port", server.port)
    post(cast)
    assert mail.deliver_due() == 0
    server.stop()
    assert state() is ends


def test_who_left_gets_no_mail(cast, postbox):
    post(cast)
    with db.writing():
        cast.nela.update(active=False).execute()
    assert mail.deliver_due() == 0 and state() is OutboxState.CANCELLED and not postbox.mails


def test_one_that_was_taken_by_a_deliverer_who_died_goes_out_later(cast, postbox, travel):
    post(cast)
    mail._claim(10)
    assert mail.deliver_due() == 0
    travel.shift(timedelta(minutes=11))
    assert mail.deliver_due() == 1 and len(postbox.mails) == 1


NASTY = ["a\r\nBcc: cizi@example.org", "a\nX-Evil: 1", "a\x00b",
         "a\r\n\r\nText", "a\u2028Bcc: x", "a\x85Bcc: x", "=?utf-8?q?a?="]


@pytest.mark.parametrize("subject", NASTY)
def test_nothing_gets_out_of_a_subject(cast, postbox, subject):
    post(cast, subject, "Text")
    mail.deliver_due()
    message = postbox.mails[0]
    assert message.envelope_to == ["nela@example.org"] and message["Bcc"] is None and message["X-Evil"] is None
    assert postbox.words(message).strip() == "Text" and state() is OutboxState.SENT


OURS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version"]


def names_of_headers(subject, body, reply_to):
    """The names of all headers of a mail with these texts, as it goes over the wire; Reply-To where it has one."""
    row = Outbox(recipient="nela@example.org", public_id="x" * 22, created_at=NOW, user=1,
                 subject=clean_text(subject, limit=200), reply_to=clean_text(reply_to, limit=254))
    row.body = keys.seal(row, "body", clean_text(body, lines=True) or "-", keys.SYSTEM)
    return message_from_bytes(mail._message(row).as_bytes()).keys()


def test_no_subject_adds_a_header(app, figure):
    found, unwritable, texts = [], [], st.text(max_size=60) | st.sampled_from(NASTY)
    addresses = st.just("") | st.emails().map(str.lower) | texts

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(texts, st.text(max_size=60), addresses)
    @example("a", "a", "0@")
    @example("a", "a", "\x13\U0001a166b\nÿ\x99²:©\xa0«>\x87\x81n\x10²ö\x80\U000590a11ª:")
    def headers_stay(subject, body, reply_to):
        try:
            found.append([name for name in names_of_headers(subject, body, reply_to) if name != "Reply-To"])
        except mail.UNWRITABLE as error:
            unwritable.append(error)

    with db.writing():
        headers_stay()
    naive = [message_from_bytes(f"Subject: {subject}\n\n-".encode()).keys() for subject in NASTY]
    assert unwritable and len(found) > 100
    figure("fig-F7 mails with headers beyond ours", sum(names != OURS for names in found), "mails", len(found),
           control=any(names != ["Subject"] for names in naive) and "written by hand: a header more")


def test_a_mail_that_does_not_open_does_not_hold_up_the_others(cast, postbox):
    with db.writing():
        for subject in ("První", "Druhá"):
            mail.post(cast.nela, subject, "text")
        Outbox.update(body=b"not sealed").where(Outbox.subject == "První").execute()
    assert [message["Subject"] for message in postbox.deliver()] == ["Druhá"]
    assert Outbox.get(Outbox.subject == "První").state is OutboxState.FAILED


def test_an_address_that_no_header_can_hold_does_not_hold_up_the_others(cast, postbox):
    with db.writing():
        mail.post(cast.nela, "První", "text", reply_to="0@")
        mail.post(cast.nela, "Druhá", "text")
    assert [message["Subject"] for message in postbox.deliver()] == ["Druhá"]
    assert Outbox.get(Outbox.subject == "První").state is OutboxState.FAILED
