"""Partners on partners: said once by either side, corrected for a fortnight, read by the two and nobody else."""
from datetime import timedelta

import pytest
from peewee import IntegrityError

import clock
import db
from models import (
    Booking,
    BookingState,
    Closing,
    Cooperation,
    CooperationState,
    Kind,
    Organisation,
    PartnerView,
    Referral,
    ReferralState,
    Verdict,
)
from services import figures, partners
from services.visits import recording
from tests.support.visits import confirmed

WELL = {"as_agreed": "yes", "on_time": "yes", "told_changes": "not_applicable", "again": "yes", "reason": "",
        "note": ""}
PARTLY = {**WELL, "on_time": "partly", "reason": "staff", "note": "Čekali jsme půl hodiny u brány."}


@pytest.fixture
def visit(cast, travel):
    """Nela's visit in Pavel's prison, held yesterday, as Pavel wrote it down."""
    booking = confirmed(cast)
    travel.move_to(booking.ends_at + timedelta(days=1))
    recording.record(cast.pavel, booking.public_id, recording.Went(True, reached=1, minutes=30))
    return Booking.get_by_id(booking.id)


def where(visit):
    return f"/partners/visit/{visit.public_id}"


def test_each_side_says_how_it_went_and_reads_the_other_with_the_name(cast, sign_in, visit):
    pavel, nela = sign_in("pavel"), sign_in("nela")
    page = pavel.get(f"/visits/{visit.public_id}")
    assert "Vše proběhlo dobře" in page.text
    assert pavel.post(f"{where(visit)}/well", page=f"/visits/{visit.public_id}").status == 303
    assert nela.post(where(visit), PARTLY, page=where(visit)).status == 303
    for browser in (pavel, nela):
        text = browser.get(where(visit)).text
        assert "Pavel Přímý" in text and "Nela Nová" in text and "Čekali jsme půl hodiny u brány." in text
    cooperation = Cooperation.get(Cooperation.organisation == cast.ngo, Cooperation.prison == cast.prison)
    assert "Čekali jsme půl hodiny" in pavel.get(f"/cooperation/{cooperation.public_id}").text
    assert "Čekali jsme" not in sign_in("kora").get(f"/cooperation/{cooperation.public_id}").text
    assert "Čekali jsme" not in pavel.get("/").text


@pytest.mark.parametrize("name", ["strange_ngo", "strange_prison", "kamila", "petra", "kora", "adam", "parta", "karel"])
def test_nobody_else_finds_it(sign_in, visit, name):
    browser = sign_in(name)
    assert browser.get(where(visit)).status == 404
    assert browser.post(where(visit), WELL).status == 404
    assert browser.post(f"{where(visit)}/well").status == 404
    assert not PartnerView.select().count()


@pytest.mark.parametrize("state", [state for state in BookingState if state is not BookingState.HELD])
def test_only_a_visit_that_was_held_is_looked_back_at(cast, sign_in, visit, state):
    with db.writing():
        Booking.update(state=state, reason="staff").where(Booking.id == visit.id).execute()
    assert sign_in("pavel").post(f"{where(visit)}/well").status == 404


def test_what_was_not_well_takes_a_reason(cast, sign_in, visit):
    nela = sign_in("nela")
    answer = nela.post(where(visit), {**PARTLY, "reason": ""}, page=where(visit))
    assert answer.status == 422 and "Vyberte důvod" in answer.text and "Čekali jsme půl hodiny" in answer.html
    for broken in ({**WELL, "again": "perhaps"}, {**WELL, "note": "x" * 301}, {**WELL, "reason": "mood"},
                   {key: value for key, value in WELL.items() if key != "again"}):
        assert nela.post(where(visit), broken, page=where(visit)).status == 422
    assert not PartnerView.select().count()
    assert nela.post(where(visit), {**WELL, "note": "=1+1\x00"}, page=where(visit)).status == 303


def test_it_is_said_once_and_corrected_for_a_fortnight_as_a_new_version(cast, sign_in, visit, travel):
    nela, nora = sign_in("nela"), sign_in("nora")
    for _click in range(2):
        assert nela.post(where(visit), WELL, page=where(visit)).status == 303
    assert PartnerView.select().count() == 1
    assert nora.post(where(visit), PARTLY, page=where(visit)).status == 303
    assert [(row.number, row.author.name) for row in PartnerView.select().order_by(PartnerView.id)] == [
        (1, "Nela Nová"), (2, "Nora Náhlá")]
    travel.move_to(clock.now() + timedelta(days=14))
    assert sign_in("nela").post(where(visit), WELL).status == 303
    travel.move_to(clock.now() + timedelta(days=1))
    late = sign_in("nela").post(where(visit), PARTLY)
    assert late.status == 422 and "Opravit to šlo do" in late.text
    assert PartnerView.select().count() == 3


def test_after_a_month_nothing_can_be_said(cast, sign_in, visit, travel):
    travel.move_to(clock.now() + timedelta(days=31))
    assert "Říct to šlo do" in sign_in("pavel").post(f"{where(visit)}/well").text
    assert not PartnerView.select().count()


@pytest.mark.parametrize("over", [{"state": CooperationState.ENDED}, {"valid_until": "yesterday"}])
def test_after_the_co_operation_ended_what_was_said_stands(cast, sign_in, visit, over):
    nela = sign_in("nela")
    nela.post(where(visit), PARTLY, page=where(visit))
    if "valid_until" in over:
        over = {"valid_until": clock.today() - timedelta(days=1)}
    with db.writing():
        Cooperation.update(**over).where(Cooperation.organisation == cast.ngo).execute()
    for name in ("nela", "pavel"):
        refused = sign_in(name).post(where(visit), WELL)
        assert refused.status == 422 and "Spolupráce skončila" in refused.text
    assert "Čekali jsme půl hodiny" in sign_in("pavel").get(where(visit)).text
    assert PartnerView.select().count() == 1


def test_no_organisation_speaks_of_itself(cast, sign_in, visit):
    with pytest.raises(IntegrityError), db.writing():
        PartnerView.create(organisation=cast.ngo, about=cast.ngo, author=cast.nela, booking=visit,
                           **dict.fromkeys(partners.QUESTIONS, Verdict.YES))
    with db.writing():  # a prison that asks itself: neither side is a partner
        Booking.update(organisation=cast.prison).where(Booking.id == visit.id).execute()
    assert sign_in("pavel").post(f"{where(visit)}/well").status == 404


def test_one_organisation_says_one_thing_in_the_database(cast, visit):
    row = dict.fromkeys(partners.QUESTIONS, Verdict.YES) | {
        "organisation": cast.ngo, "about": cast.prison, "author": cast.nela, "booking": visit}
    with pytest.raises(IntegrityError), db.writing():
        PartnerView.create(**row), PartnerView.create(**row)


def test_today_offers_it_for_a_week_and_not_again_of_the_same_partner(cast, sign_in, visit, travel):
    pavel = sign_in("pavel")
    assert "Jak to spolu šlo?" in pavel.get("/").text and "Jak to spolu šlo?" in sign_in("nela").get("/").text

    assert pavel.post(f"{where(visit)}/well", page="/").status == 303
    assert "Jak to spolu šlo?" not in pavel.get("/").text
    travel.move_to(clock.now() + timedelta(days=8))
    assert "Jak to spolu šlo?" not in sign_in("nela").get("/").text


@pytest.fixture
def referral(cast):
    with db.writing():
        return Referral.create(number="D-1", request_key="k", client=cast.karel, sender=cast.prison, author=cast.pavel,
                               receiver=cast.ngo, worker=cast.nela, state=ReferralState.CLOSED,
                               closing=Closing.AS_PLANNED, accepted_at=clock.now(), closed_at=clock.now())


def test_a_closed_referral_is_looked_back_at_too_and_names_no_client(cast, sign_in, referral):
    pavel, nela, at = sign_in("pavel"), sign_in("nela"), f"/partners/referral/{referral.public_id}"
    assert nela.post(at, PARTLY, page=at).status == 303
    page = pavel.get(at)
    assert "Čekali jsme půl hodiny" in page.text and cast.karel.code not in page.text
    assert "Vše proběhlo dobře" in pavel.get(f"/referrals/{referral.public_id}").text
    assert sign_in("nora").get(at).status == 404, "a member who does not know of the referral"
    with db.writing():
        Referral.update(state=ReferralState.IN_CARE).where(Referral.id == referral.id).execute()
    assert pavel.get(at).status == 404


def test_a_curator_s_referral_is_none_of_this(cast, sign_in, referral):
    with db.writing():
        Referral.update(sender=cast.municipality, author=cast.kamila).where(Referral.id == referral.id).execute()
    assert sign_in("nela").get(f"/partners/referral/{referral.public_id}").status == 404


# Rounded, for the coordinator

def said_by(cast, visit, count, verdict):
    """So many organisations say it of Pavel's prison, each after a visit of its own."""
    for _number in range(count):
        known = Organisation.select().count()
        with db.writing():
            who = Organisation.create(slug=f"o{known}", kind=Kind.NGO, name=f"Ukázkový spolek {known}", sort=f"{known}",
                                      region="CZ020", invented=True)
            Booking.update(organisation=who).where(Booking.id == visit.id).execute()
            PartnerView.create(organisation=who, about=cast.prison, author=cast.nela, booking=visit, **{
                **dict.fromkeys(partners.QUESTIONS, Verdict.YES), "on_time": verdict})


def test_the_coordinator_sees_rounded_figures_and_no_names(cast, sign_in, visit, travel):
    said_by(cast, visit, 7, Verdict.YES), said_by(cast, visit, 6, Verdict.NO)
    travel.move_to(clock.now() + timedelta(days=40))
    figures.freeze()
    shown = figures.table(cast.kora, 30, cast.prison.public_id)
    assert (shown.of_prison["on_time"].states, shown.of_prison["on_time"].total) == ((5, figures.SMALL, 5), 15)
    assert shown.of_prison["again"].states is None, "all say yes: held back"
    assert not figures.table(cast.pavel, 30).of_prison, "the prison reads the words themselves"
    kora = sign_in("kora")
    asked = f"?prison={cast.prison.public_id}"
    page, filed = kora.get(f"/figures{asked}"), kora.get(f"/figures.csv{asked}")
    assert "Co o věznici říkají organizace" in page.text and "Co o věznici říkají organizace" in filed.body.decode()
    assert "Ukázkový spolek 1" not in page.text
