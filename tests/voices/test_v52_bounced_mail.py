"""V52: after a hard bounce the address is marked, nothing more is sent there, and the owner is asked to correct it."""
import pytest
from aiosmtpd.controller import Controller

import clock
import db
from models import Confidence, ContactPerson, DeadAddress, FactCheck, FactGroup, Outbox, OutboxState
from services import bounces, mail, records
from tests.support import servers
from tests.support.postbox import Postbox
from text import sort_key

ADDRESS = "Dana@Example.org"


@pytest.fixture
def dana(cast):
    with db.writing():
        FactCheck.create(organisation=cast.ngo, group=FactGroup.CONTACT, confidence=Confidence.CONFIRMED,
                         confirmed_on=clock.today())
        return ContactPerson.create(organisation=cast.ngo, name="Dana Dobrá", sort=sort_key("Dana"), email=ADDRESS,
                                    confidence=Confidence.CONFIRMED, confirmed_on=clock.today())


def sent_mail(address=ADDRESS) -> Outbox:
    with db.writing():
        return mail.post_to(address, "Dotaz", "Dobrý den")


def report(row, status="5.1.1", action="failed", quoted=None) -> bytes:
    """A mail as a server sends it back (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {row.recipient}
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: <{quoted or row.public_id}@example.org>
To: {row.recipient}
Subject: Dotaz

--b--
""".encode()


def read(app, tmp_path, content: bytes) -> str:
    file = tmp_path / "came-back"
    file.write_bytes(content)
    return app.test_cli_runner().invoke(args=["read-bounces", str(file)]).output


def test_v52_a_bounce_marks_the_address_and_the_owner_gets_a_task(app, dana, cast, sign_in, tmp_path, postbox):
    output = read(app, tmp_path, report(sent_mail()))
    assert output == "read 1 mails, 1 addresses do not work\n"
    assert "adresa nefunguje" in sign_in("pavel").get(f"/book/{cast.ngo.public_id}").text
    today = sign_in("nela").get("/").text
    assert "Na tyto adresy se nedá psát" in today and "dana@example.org" in today
    assert "dana@example.org" not in sign_in("nora").get("/").text  # only the lead is asked
    with db.writing():
        Outbox.delete().execute()
    row = sent_mail("dana@example.org")
    assert mail.deliver_due() == 0 and not postbox.mails
    assert Outbox.get_by_id(row.id).state is OutboxState.CANCELLED


def test_v52_another_address_is_written_to_again(app, dana, cast, sign_in, tmp_path):
    read(app, tmp_path, report(sent_mail()))
    records.change(cast.nela, dana, {"email": "dana.nova@example.org"}, via="form")
    assert "nefunguje" not in sign_in("pavel").get(f"/book/{cast.ngo.public_id}").text
    assert "nedá psát" not in sign_in("nela").get("/").text


def test_v52_who_confirms_the_contact_says_that_it_works(app, dana, cast, sign_in, tmp_path):
    read(app, tmp_path, report(sent_mail()))
    nela = sign_in("nela")
    nela.get(f"/book/{cast.ngo.public_id}")
    nela.send(f"/book/{cast.ngo.public_id}/confirm/people")
    assert not DeadAddress.select().exists()


@pytest.mark.parametrize(("changes", "why"), [
    ({"status": "4.4.1"}, "for now"), ({"action": "delayed"}, "late"), ({"status": "5.2.2"}, "full"),
    ({"status": "5.7.1"}, "refused for what it says"), ({"quoted": "A" * 22}, "made up"),
])
def test_v52_what_is_no_hard_bounce_of_ours_marks_nothing(app, dana, tmp_path, changes, why):
    assert read(app, tmp_path, report(sent_mail(), **changes)).endswith(" 0 addresses do not work\n"), why
    assert not DeadAddress.select().exists()


def test_v52_a_box_of_many_mails_is_read(app, dana, tmp_path):
    one, other = sent_mail(), sent_mail("jiny@example.org")
    box = b"".join(b"From MAILER-DAEMON Mon Nov 23 10:00:00 2026\n" + each + b"\n\n"
                   for each in (report(one), b"Subject: Ahoj\n\nText", report(other)))
    assert read(app, tmp_path, box) == "read 3 mails, 2 addresses do not work\n"


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, b"From \n", b"Content-Type: multipart/report\n\n",
                                     b"Content-Type: multipart/report; boundary=a\n\n--a\n"
                                     b"Content-Type: message/delivery-status\n\nx\n--a--"])
def test_v52_a_broken_mail_marks_nothing(app, tmp_path, content):
    assert ", 0 addresses" in read(app, tmp_path, content)


class Refusing(Postbox):
    """A server that refuses every recipient."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.answer


@pytest.mark.parametrize(("answer", "dead"), [("550 5.1.1 no such user", True), ("550 no", True),
                                              ("452 4.2.2 full", False), ("552 5.2.2 mailbox full", False),
                                              ("554 5.7.1 looks like spam", False)])
def test_v52_a_refusal_at_delivery_marks_it_too(app, cast, monkeypatch, answer, dead):
    server = Controller(Refusing(answer), hostname="127.0.0.1", port=servers.free_port())
    server.start()
    monkeypatch.setattr(mail.Settings, "port", server.port)
    sent_mail()
    mail.deliver_due()
    server.stop()
    assert bounces.is_dead("dana@example.org") is dead
