"""A little model of consents, written from the text of the rules and not from the code, and a world to try it on.

The model knows who gave what to whom until when. From that it says what each reader may see of Karel. What they do
see is read off their pages. Nothing here asks policy.py or services.
"""
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import clock
import db
from models import (
    Booking,
    BookingClient,
    BookingState,
    Client,
    FollowUp,
    FollowUpNeed,
    Membership,
    Need,
    NeedState,
    Organisation,
    OrganisationState,
    Place,
    Reached,
    Window,
)
from services import keys

FORTNIGHT = timedelta(days=14)
NAME, PLACE, HELPER = "Karel Křehký", "Místnost u brány", "Ctirad Cizí"
NOTES = {"kamila": "Dluží nájem za tři měsíce.", "pavel": "Kurz dokončil v říjnu."}
NEEDS = {"kamila": {Need.HOUSING: "Bydlení", Need.WORK: "Práce"}, "pavel": {Need.ADDICTION: "Závislost"}}
HOME = {"nela": "ngo", "nora": "ngo", "kamila": "municipality", "klara": "municipality", "pavel": "prison",
        "petra": "probation", "strange_curator": "other_municipality", "strange_ngo": "other_ngo", "kora": "network"}
LEADS = {"nela", "kamila", "pavel", "strange_curator", "strange_ngo"}
OWN = {"kamila", "pavel"}  # whose organisation works with Karel
WROTE = {"kamila": "municipality", "pavel": "prison"}
OFFICES, NGOS = {"municipality", "other_municipality", "probation"}, {"ngo", "other_ngo"}
GIVEN = {"active", "provisional"}


@dataclass
class Given:
    """A consent, as somebody would remember it who was there."""

    public_id: str
    recipient: str
    scopes: set
    needs: set
    until: date
    begun_by: str  # the organisation that asked or took it; "" for the client
    state: str = "draft"
    lapses: date | None = None
    on_paper: bool = False
    text: list = field(default_factory=list)  # as it stood before Karel's eyes when he agreed

    def holds(self, today: date) -> bool:
        if self.state not in GIVEN or today > self.until:
            return False
        return self.state == "active" or self.lapses is None or today <= self.lapses


@dataclass
class Remembered:
    """All that was done so far."""

    released: bool = False
    closed: set = field(default_factory=set)
    consents: list[Given] = field(default_factory=list)

    def give(self, consent: Given, provisional: bool) -> None:
        consent.state = "provisional" if provisional else "active"
        if provisional and self.released:
            consent.lapses = clock.today() + FORTNIGHT

    def release(self) -> None:
        self.released = True
        for consent in self.consents:
            if consent.state == "provisional" and consent.lapses is None:
                consent.lapses = clock.today() + FORTNIGHT

    def narrow(self, consent: Given, keep: set, public_id: str) -> None:
        kept = consent.scopes & keep
        if "follow_up" not in kept:
            kept -= {"authority_records"}
        if kept:
            self.consents.append(replace(consent, public_id=public_id, scopes=kept, text=[]))
        consent.state = "over"

    def take_back(self, recipient: str) -> None:
        for consent in self.consents:
            if consent.state in GIVEN and recipient in {"", consent.recipient}:
                consent.state = "over"

    def mark_what_is_over(self) -> None:
        for consent in self.consents:
            if consent.state in GIVEN and not consent.holds(clock.today()):
                consent.state = "over"

    def speaking_to(self, reader: str) -> list[Given]:
        """Consents that open something to a reader today. A member reads by them only who works with Karel."""
        if HOME[reader] in self.closed or (reader not in LEADS and reader not in OWN):
            return []
        return [consent for consent in self.consents
                if consent.recipient == HOME[reader] and consent.holds(clock.today())]

    def may_see(self, reader: str) -> set[str]:
        """What stands on the file page of a reader; nothing at all means that there is no page."""
        speaking, seen = self.speaking_to(reader), set()
        if speaking or reader in OWN:
            seen.add("page")
        opened = {scope for consent in speaking for scope in consent.scopes}
        if "identity" in opened or reader in OWN:
            seen.add(NAME)
        if "visits" in opened:
            seen.add(PLACE)
        if "network" in opened:
            seen.add(HELPER)
        for author in WROTE:
            seen |= self._of_record(reader, author, speaking)
        return seen

    @staticmethod
    def _of_record(reader, author, speaking) -> set[str]:
        """Each consent stands for itself: what one leaves out, another one about something else does not add."""
        if author == reader:
            return {NOTES[author], *NEEDS[author].values()}
        closed_to_ngos = HOME[reader] in NGOS and WROTE[author] in OFFICES
        opening = [consent for consent in speaking if "follow_up" in consent.scopes
                   and (not closed_to_ngos or "authority_records" in consent.scopes)]
        seen = {words for need, words in NEEDS[author].items()
                if any(not consent.needs or need.value in consent.needs for consent in opening)}
        return seen | ({NOTES[author]} if any(not consent.needs for consent in opening) else set())


def seen_on(answer) -> set[str]:
    """What a file page shows of all that the model speaks of."""
    if answer.status == 404:
        return set()
    rows = {each.text for each in answer.page.all("th") if each["scope"] == "row"}
    texts = {words for words in (NAME, PLACE, HELPER, *NOTES.values()) if words in answer.text}
    return {"page"} | texts | {words for needs in NEEDS.values() for words in needs.values() if words in rows}


def build(cast) -> None:
    """Karel in prison; the curator and the prison wrote of him, probation goes to see him, somebody else helps too."""
    karel = cast.karel
    with db.writing():
        Client.update(released_on=None).where(Client.id == karel.id).execute()
        for author in WROTE:
            _wrote(karel, cast.user(author), NOTES[author], NEEDS[author])
        Membership.create(client=karel, organisation=cast.other_probation, worker=cast.strange_probation,
                          since_on=cast.today - timedelta(days=60))
        place = Place.get(Place.prison == cast.other_prison)
        window = Window.get(Window.place == place)
        starts = cast.now + timedelta(days=3)
        booking = Booking.create(
            number="B-1", request_key="world", prison=cast.other_prison, place=place, window=window, kind=window.kind,
            organisation=cast.probation, requested_by=cast.petra, starts_at=starts, state=BookingState.REQUESTED,
            ends_at=starts + timedelta(minutes=30), answer_by=cast.today + timedelta(days=3))
        BookingClient.create(booking=booking, client=karel)


def _wrote(karel, author, note, needs):
    row = FollowUp(client=karel, organisation=author.organisation, author=author, milestone=30,
                   request_key=f"world-{author.id}", reached=Reached.IN_PERSON, created_at=clock.now())
    row.note = keys.seal(row, "note", note, karel)
    row.save(force_insert=True)
    for need in needs:
        FollowUpNeed.create(follow_up=row, need=need, state=NeedState.NEEDED)


def set_open(cast, name: str, is_open: bool) -> None:
    with db.writing():
        Organisation.update(state=OrganisationState.VERIFIED if is_open else OrganisationState.PAUSED).where(
            Organisation.id == getattr(cast, name).id).execute()
