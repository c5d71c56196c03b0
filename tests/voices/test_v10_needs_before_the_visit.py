"""V10: needs become known only at the personal meeting. The referral carries the answers to the receiver's questions,
they are read before the visit is asked for, and the visit is asked for from the referral with its purpose filled in."""
import db
from models import Booking, BookingClient, BookingState, Client, Level, Referral
from services import referrals
from tests.support.visits import free
from tests.test_referrals import consent, service

QUESTIONS = ["Kolik má dluhů?", "Má exekuce?", "Má doklady?", "Kam se vrací?", "Má práci?", "Kdo ho čeká?"]
ANSWERS = ["tři", "dvě", "jen rodný list", "do Ukázkova", "ne", "sestra"]


def referred(cast, sign_in):
    """Pavel's referral with answers to six questions, which Nela's organisation accepted; Karel is in the prison."""
    desk = service(cast.ngo)
    with db.writing():
        Client.update(released_on=None, prison=cast.prison).where(Client.id == cast.karel.id).execute()
        consent(cast, cast.ngo, "identity", "visits")
    referrals.set_questions(cast.nela, desk.public_id, QUESTIONS)
    row = referrals.start(cast.pavel, cast.karel.public_id, desk.public_id, "klic-v10")
    referrals.write(cast.pavel, row.public_id, referrals.Content(
        [desk_need(desk)], Level.IDENTITY, answers=dict(zip(QUESTIONS, ANSWERS, strict=True))))
    referrals.send(cast.pavel, row.public_id)
    referrals.accept(cast.nela, row.public_id, cast.nela.public_id)
    return f"/referrals/{row.public_id}"


def desk_need(desk):
    from models import ServiceNeed
    return ServiceNeed.get(ServiceNeed.service == desk).need


def link_with(page, part):
    return next(link["href"] for link in page.all("a") if part in link["href"])


def test_v10_needs_are_read_first_and_the_visit_begins_with_them(sign_in, cast):
    page, nela = referred(cast, sign_in), sign_in("nela")
    read = nela.get(page)
    assert all(question in read.text and answer in read.text
               for question, answer in zip(QUESTIONS, ANSWERS, strict=True))
    asking = link_with(read.page, "/visits/request/")
    times = nela.get(asking)
    first = link_with(times.page, free(cast.prison).key)
    assert "referral=" in first
    form = nela.get(first)
    where = f"/visits/request/{cast.prison.public_id}/details"
    filled = form.page.values(form.page.form(where))
    assert filled["purpose"] == ["finanční zajištění"] and cast.karel.public_id in str(filled["clients"])
    assert nela.send(where).status == 200
    assert nela.send(where, step="send").status == 303
    booking = Booking.get()
    assert booking.state is BookingState.REQUESTED
    assert BookingClient.get(BookingClient.booking == booking.id).client_id == cast.karel.id


def test_v10_a_foreign_referral_fills_nothing_in(sign_in, cast):
    referred(cast, sign_in)
    where = f"/visits/request/{cast.prison.public_id}/details?slot={free(cast.prison).key}"
    assert sign_in("petra").get(f"{where}&referral={Referral.get().public_id}").status == 404
    assert sign_in("nela").get(f"{where}&referral={'x' * 22}").status == 404
    assert sign_in("nela").get(f"{where}&referral=%00").status == 404
