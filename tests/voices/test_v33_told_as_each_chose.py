"""V33, V09: a prison is not flooded: its people choose by topic whether they get each mail, one a day, or none."""
from datetime import timedelta

from models import Offer
from services import digests, offers, visits
from services.visits import Event
from tests.support.visits import asked, free
from tests.voices.test_v33_offers_and_vetting import decide, send


def chose(browser, **tellings):
    assert browser.send("/account/notifications", page="/account/notifications", **tellings).status == 303


def subjects(postbox, name):
    postbox.deliver()
    return [message["Subject"] for message in postbox.to(name)]


def test_v33_pavel_gets_ten_requests_and_the_weeks_offers_in_one_mail(sign_in, browser, cast, postbox, travel):
    pavel, kora = sign_in("pavel"), sign_in("kora")
    chose(pavel, visits="digest", offers="digest")
    send(browser)
    decide(kora, Offer.get(), "check")
    decide(kora, Offer.get(), "pass_on")
    travel.move_to(cast.now + timedelta(days=7))
    for number in range(10):
        asked(cast.nela, cast.prison, free(cast.prison, number))
    offers.digest()
    assert subjects(postbox, "pavel") == []
    assert digests.send_due() == 1
    (message,) = [each for each in postbox.deliver() if each["To"] == "pavel@example.org"]
    words = postbox.words(message)
    assert message["Subject"] == "Novinky z Návaznosti" and "stalo 11 věcí" in words
    assert words.count(": žádost") == 10 and words.count("/visits/") == 10 and "Nabídky tohoto týdne" in words


def test_v33_who_wants_no_mails_finds_everything_on_today(sign_in, cast, postbox):
    pavel = sign_in("pavel")
    chose(pavel, visits="none")
    booking = asked(cast.nela, cast.prison)
    assert subjects(postbox, "pavel") == []
    assert "Ukázkový spolek Návrat" in pavel.get("/").text
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    assert len(subjects(postbox, "nela")) == 1, "the other side chose nothing and gets each mail"


def test_v33_the_choice_of_one_is_not_that_of_a_colleague(sign_in, cast, postbox):
    chose(sign_in("nora"), visits="none")
    booking = asked(cast.nela, cast.prison, colleagues=[cast.nela.public_id, cast.nora.public_id])
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    assert (len(subjects(postbox, "nela")), subjects(postbox, "nora")) == (1, [])
