"""Karel's story since his release thirty days ago, written by the ordinary functions: his log says who read what."""
from datetime import time, timedelta

import clock
from demo import cast
from models import (
    Barrier,
    Booking,
    BookingClient,
    FamilyRequest,
    Need,
    NeedState,
    Prompt,
    Reached,
    Scope,
    Service,
    Step,
)
from services import consents, family, feedback, files, journal

IN_PROGRESS, STUCK = NeedState.IN_PROGRESS, NeedState.STUCK
DAY_THREE = {
    Need.BASIC_NEEDS: feedback.Said(NeedState.MET),
    Need.HOUSING: feedback.Said(IN_PROGRESS, Step.UNSURE),
    Need.WORK: feedback.Said(STUCK, Step.POOR, Barrier.CONDITION_CANNOT_BE_MET),
    Need.FINANCIAL_SECURITY: feedback.Said(IN_PROGRESS, Step.POOR),
    Need.HEALTH: feedback.Said(NeedState.NOT_NEEDED),
    Need.RELATIONSHIPS: feedback.Said(IN_PROGRESS, Step.GOOD),
    Need.MENTAL_HEALTH: feedback.Said(IN_PROGRESS, Step.UNSURE),
    Need.ADDICTION: feedback.Said(NeedState.NOT_NEEDED),
    Need.LIFE_SKILLS: feedback.Said(IN_PROGRESS, Step.GOOD),
}
NOTE = "Přišel v domluvený čas. Bydlí zatím u bratra, nejdéle do konce měsíce. Na úřad práce jde v pondělí."
SAID = "U bratra je to v pohodě, ale nechci mu tam překážet. Bojím se dluhů."
MOTHER = "Karle, byla jsem se zeptat v poradně. Berou i bez objednání, ve středu dopoledne. Půjdu s tebou."
FRIEND = "Ahoj, ve skladu zase nabírají. Kdybys chtěl, řeknu o tobě vedoucímu. Ozvi se."
NEXT_STEP = "Zjistit volné místo na ubytovně a domluvit dluhovou poradnu."


def story(people):
    """`(moment, what happened then)`, in no order; after the visits are there."""
    karel, users = people.karel, people.users
    town = people.organisations[cast.TOWN]

    def on(day, hour=10):
        return clock.at(karel.released_on + timedelta(days=day), time(hour))

    def opens(who, *scopes):
        return lambda: files.open_file(users[who], karel.public_id, *scopes)

    yield on(-40), opens("pavel", Scope.IDENTITY)
    yield on(-12), opens("kamila", Scope.IDENTITY)
    yield on(-2), opens("pavel", Scope.IDENTITY, Scope.VISITS)
    yield on(0, 8), lambda: feedback.plan_prompts(karel, town, users["kamila"])
    yield on(1), lambda: _agree(people, cast.PROBATION, [Scope.IDENTITY, Scope.VISITS], "dohled a příprava na schůzky")
    yield on(3, 9), lambda: _day_three(people)
    yield on(5), opens("petra", Scope.IDENTITY, Scope.VISITS)
    yield on(9), lambda: _agree(people, cast.DEBTS_NGO, [Scope.IDENTITY], "domluva první schůzky v poradně")
    yield on(16), lambda: _withdraw(people, cast.DEBTS_NGO)
    yield on(21), opens("kamila")
    yield on(24), lambda: _note(karel, "máma", MOTHER, "ukazka-most-domu-poradna")
    yield on(25), lambda: family.show(users["karel"], FamilyRequest.get(FamilyRequest.client == karel).public_id,
                                      town.public_id)
    yield on(29), lambda: _note(karel, "Jirka z práce", FRIEND)
    yield from _meetings(people)


def _note(karel, sender, message, service=None):
    """Somebody close writes by the code on his card."""
    row = Service.get_or_none(Service.slug == service) if service else None
    family.write({"code": karel.code, "sender": sender, "message": message}, sender, row, "192.0.2.1")


def _agree(people, organisation, scopes, purpose):
    karel = people.users["karel"]
    until = clock.today() + timedelta(days=300)
    consent = consents.prepare(karel, people.organisations[organisation].public_id, purpose, scopes, until)
    consents.agree(karel, consent.public_id, consent.text_hash)


def _withdraw(people, organisation):
    karel = people.users["karel"]
    consent = next(row for row in consents.of_client(karel) if row.recipient == people.organisations[organisation])
    consents.withdraw(karel, consent.public_id)


def _day_three(people):
    kamila = people.users["kamila"]
    feedback.open_due()
    prompt = Prompt.get(Prompt.client == people.karel, Prompt.milestone == 3)
    feedback.open_client(kamila, prompt)
    feedback.log(kamila, prompt.public_id, "day-three", Reached.IN_PERSON, DAY_THREE, said=SAID, note=NOTE,
                 next_step=NEXT_STEP, next_on=clock.today() + timedelta(days=14))


def _meetings(people):
    """The journal's rows of his visits, which were inserted without them."""
    def records(booking, actor, event):
        return lambda: journal.wrote(actor, f"booking.{event}", booking.public_id, people.karel, "visits")

    for booking in Booking.select().join(BookingClient).where(BookingClient.client == people.karel):
        yield booking.created_at, records(booking, booking.requested_by, "request")
        if booking.decided_at:
            yield booking.decided_at, records(booking, booking.decided_by, "confirm")
