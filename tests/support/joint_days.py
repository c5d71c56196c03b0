"""A joint day as tests play it: its making by the form, organisations that book it, clients of the prison."""
from datetime import timedelta

import clock
import db
from crypto import ALPHABET, check_sign
from models import (
    Booking,
    Client,
    Cooperation,
    CooperationState,
    JointDay,
    Kind,
    Membership,
    Organisation,
    OrganisationState,
    Role,
    User,
)
from services import visits
from services.visits import Event, Wish, joint_days


def make(browser, cast, seats=3, minutes="120", days=7, **changes) -> JointDay:
    """Makes a joint day in the cast's prison by the form, some days ahead from 13 to 16."""
    day = clock.today() + timedelta(days=days)
    browser.get("/joint-days/new")
    answer = browser.send("/joint-days/new", **{
        "name": "Nabídkový den", "place": cast.place.public_id, "day": day.isoformat(), "starts": "13:00",
        "ends": "16:00", "seats": str(seats), "minutes": minutes, **changes})
    assert answer.status == 303, answer.text
    return JointDay.select().order_by(JointDay.id.desc()).get()


def third_ngo(cast) -> User:
    """The lead of one more organisation that co-operates with the cast's prison; so does the strangers' one then."""
    with db.writing():
        row = Organisation.create(slug="third", kind=Kind.NGO, state=OrganisationState.VERIFIED, name="Spolek Třetí",
                                  sort="t", invented=True)
        for organisation in (row, cast.other_ngo):
            Cooperation.create(organisation=organisation, prison=cast.prison, state=CooperationState.ACTIVE,
                               since_on=cast.today)
        return User.create(email="treti@example.org", name="Tereza Třetí", role=Role.NGO, lead=True, organisation=row)


def book(cast, actor, day: JointDay) -> Booking:
    """An organisation asks for the day like for any other time, the prison says yes."""
    booking = visits.ask(actor, cast.prison, visits.new_request_key(), Wish(
        slot=joint_days.key_of(day), purpose="nabídka služeb", colleagues=[actor.public_id]))
    return visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)


def clients(cast, number: int, worker=None) -> list[Client]:
    """So many clients of the prison, with the worker who works with them."""
    found = []
    with db.writing():
        for count in range(number):
            body = f"ZK{ALPHABET[count // 32]}{ALPHABET[count % 32]}7"
            row = Client.create(code=body + check_sign(body), prison=cast.prison, recorded_by=cast.prison)
            Membership.create(client=row, organisation=cast.prison, worker=worker or cast.pavel, since_on=cast.today)
            found.append(row)
    return found
