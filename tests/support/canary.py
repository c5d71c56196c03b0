"""Canaries: each sealed value of each client is a unique word, and whoever is shown one must be one who may.

The judgement is a second, small implementation in SQL, which shares nothing with policy.py: if both err, they must
err in the same way.
"""
from dataclasses import dataclass, field
from datetime import timedelta

import clock
import db
from models import (
    QUESTIONS,
    Booking,
    BookingState,
    BookingVisitor,
    Client,
    Conference,
    Consent,
    ConsentScope,
    ConsentState,
    Draft,
    FamilyRequest,
    FollowUp,
    PartnerView,
    Place,
    PlanItem,
    Reached,
    Scope,
    Verdict,
    Verification,
    Visitor,
    WindowKind,
)
from services import drafts, keys
from tests.support import canary_person

OWN = """
SELECT COUNT(*) FROM membership m JOIN "user" u ON u.organisation_id = m.organisation_id
WHERE u.id = {user} AND m.client_id = {client} AND m.ground = 'own' AND m.until_on IS NULL
  AND u.role IN ('prison', 'probation', 'curator', 'ngo') AND (u.lead = {true} OR m.worker_id = u.id OR EXISTS (
      SELECT 1 FROM stand_in s WHERE s.membership_id = m.id AND s.worker_id = u.id))"""
CONSENT = """
SELECT COUNT(DISTINCT s.scope) FROM consent c JOIN consent_scope s ON s.consent_id = c.id
JOIN "user" u ON u.organisation_id = c.recipient_id JOIN organisation o ON o.id = c.recipient_id
WHERE u.id = {user} AND c.client_id = {client} AND c.state = 'active' AND o.state = 'verified'
  AND c.from_on <= '{today}' AND c.until_on >= '{today}' AND s.scope IN ({scopes})
  AND (c.recipient_user_id = u.id OR (c.recipient_user_id IS NULL AND (u.lead = {true} OR EXISTS (
       SELECT 1 FROM membership m WHERE m.client_id = c.client_id AND m.organisation_id = u.organisation_id
         AND (m.worker_id = u.id OR EXISTS (
              SELECT 1 FROM stand_in i WHERE i.membership_id = m.id AND i.worker_id = u.id))))))"""


# Who may read what goes with a visit (`client` is the visit here): its prison, and who asked for it. A document is for
# the prison's gate alone, unless the prison is one on paper.
OF_PRISON = """
SELECT COUNT(*) FROM booking b JOIN "user" u ON u.organisation_id = b.prison_id
WHERE u.id = {user} AND b.id = {client} AND u.role = 'prison'"""
OF_VISIT = """
SELECT COUNT(*) FROM booking b JOIN "user" u ON u.organisation_id IN (b.prison_id, b.organisation_id)
WHERE u.id = {user} AND b.id = {client} AND u.role IN ('prison', 'probation', 'curator', 'ngo')"""
VISIT_KINDS = ("document", "visit", "view")
OF_BOOKING = ("plate", "staff_note", "client_note", "purpose", "message")


@dataclass(frozen=True)
class Token:
    """A canary: the word, whose it is, and what kind of value it stands in."""

    word: str
    client_id: int
    kind: str  # identity | follow_up | plan | question | note | draft
    author_kind: str = ""  # kind of the organisation that wrote it
    author_organisation: int = 0
    user_id: int = 0  # whose draft it is
    row: int = 0  # the referral, report, consent or emergency that it belongs to


@dataclass
class Flight:
    """What was looked at and found."""

    tokens: list[Token]
    today: str
    looked: int = 0
    seen: int = 0
    leaks: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)  # that somebody was shown rightly

    def look(self, text: str, reader, where: str) -> None:
        """Counts canaries in a text that `reader` (a user or None) was given; those they may not see are leaks."""
        self.looked += 1
        for token in self.tokens:
            if token.word in text:
                if reader is not None and self.may(reader, token):
                    self.seen += 1
                    self.kinds.add(token.kind)
                else:
                    self.leaks.append(f"{token.word} ({token.kind}) to {getattr(reader, 'name', None)} at {where}")

    def may(self, reader, token: Token) -> bool:
        if token.kind == "draft":
            return reader.id == token.user_id
        if token.kind in VISIT_KINDS:
            return self._of_visit(reader, token)
        if reader.role == "client":
            return Client.select().where(Client.id == token.client_id, Client.user == reader.id).exists()
        if token.kind in canary_person.READ_BY:
            return canary_person.may(self._found, reader, token)
        if token.kind in ("question", "note"):
            return token.author_organisation == reader.organisation_id and self._own(reader, token)
        if token.kind == "identity":
            return self._own(reader, token) or self._consented(reader, token, "identity")
        if token.author_organisation == reader.organisation_id and self._own(reader, token):
            return True
        offices = token.author_kind in ("municipality", "probation") and reader.organisation.kind == "ngo"
        kind, whole = token.kind.removesuffix(" as a whole"), token.kind.endswith(" as a whole")
        return self._consented(reader, token, kind, *(["authority_records"] if offices else []), whole=whole)

    def _of_visit(self, reader, token):
        """The prison of the visit, and who asked for it; documents and cars go to nobody else of either."""
        sql = OF_PRISON if token.kind == "document" else OF_VISIT
        return _count(sql, reader, token.client_id) > 0

    def _own(self, reader, token):
        return _count(OWN, reader, token.client_id) > 0

    def _consented(self, reader, token, *scopes, whole=False):
        listed, sql = ", ".join(f"'{scope}'" for scope in scopes), CONSENT + (" AND s.need = ''" if whole else "")
        return _count(sql, reader, token.client_id, today=self.today, scopes=listed) == len(scopes)

    def _found(self, sql, reader, **values):
        return _count(sql, reader, 0, today=self.today, **values)

    def put(self, row, columns, client, kind, of=None) -> None:
        """Writes canaries into columns of a row; `of` is the row that decides who reads them, if not this one."""
        words = {column: f"kanarek{column}{len(self.tokens)}{column}x" for column in columns}
        for column, word in words.items():
            setattr(row, column, keys.seal(row, column, word, client))
        row.save()
        self.tokens += [Token(word, client.id, kind, row=(of or row).id) for word in words.values()]


def _count(sql, reader, client_id, **values):
    true = "1" if db.is_sqlite() else "TRUE"
    return db.database.execute_sql(sql.format(user=reader.id, client=client_id, true=true, **values)).fetchone()[0]


def release(cast) -> Flight:
    """Puts a canary into every sealed value about clients, and some consents to fly through."""
    flight = Flight([], cast.today.isoformat())
    with db.writing():
        for client in Client.select():
            _into_identity(flight, client)
        for author, client in ((cast.kamila, cast.karel), (cast.strange_curator, cast.cyril), (cast.pavel, cast.karel)):
            _into_follow_up(flight, client, author)
        _consents(cast)
        for client, author, asked in ((cast.karel, cast.kamila, cast.prison),
                                      (cast.cyril, cast.strange_curator, cast.other_prison)):
            _into_plan(flight, client, author, asked)
        for client, reader in ((cast.karel, cast.municipality), (cast.karel, None), (cast.cyril, None)):
            _into_note(flight, client, reader)
        canary_person.release(cast, flight.put)
        for sender, prison in ((cast.nela, cast.prison), (cast.strange_ngo, cast.other_prison)):
            _into_visit(flight, sender, prison)
    for user in (cast.kamila, cast.strange_curator):
        word = f"kanarekkoncept{user.id}"
        drafts.keep(user, "feedback.log", "x" * 22, {"note": [word]})
        flight.tokens.append(Token(word, 0, "draft", user_id=user.id))
    assert Draft.select().count() == 2
    return flight


def _into_identity(flight, client):
    for column in ("name", "born", "contact"):
        word = f"kanarek{column}{client.id}x"
        setattr(client, column, keys.seal(client, column, word, client))
        flight.tokens.append(Token(word, client.id, "identity"))
    client.save()


def _into_follow_up(flight, client, author):
    row = FollowUp(client=client, organisation=author.organisation, author=author, reached=Reached.IN_PERSON,
                   milestone=3, request_key=f"canary-{author.id}")
    for column in ("note", "next_step"):
        word = f"kanarek{column}{client.id}od{author.id}x"
        setattr(row, column, keys.seal(row, column, word, client))
        flight.tokens.append(Token(word, client.id, "follow_up", author.organisation.kind.value,
                                   author.organisation_id))
    row.save(force_insert=True)


def _into_plan(flight, client, author, asked):
    """An item, a conference and a question of one organisation, asked of another."""
    item = PlanItem(client=client, organisation=author.organisation, author=author, need="housing")
    conference = Conference(client=client, organisation=author.organisation, author=author, held_on=clock.today())
    question = Verification(item=item, asked_by=author, organisation=author.organisation, recipient=asked)
    for row, columns in ((item, ("goal", "what")), (conference, ("participants", "agreed")), (question, ("question",))):
        for column in columns:
            word = f"kanarek{column}{client.id}planx"
            setattr(row, column, keys.seal(row, column, word, client))
            kind = "plan as a whole" if row is conference else "plan"
            token = Token(word, client.id, kind, author.organisation.kind.value, author.organisation_id)
            flight.tokens.append(token if row is not question else Token(word, client.id, "question", "", asked.id))
        row.save(force_insert=True)


def _into_note(flight, client, reader):
    """What somebody close wrote; the client shows it to `reader`, an organisation, or to nobody."""
    row = FamilyRequest(client=client, shown_to=reader, at=clock.now())
    for column in ("sender", "message"):
        word = f"kanarek{column}{client.id}blizky{reader.id if reader else 0}x"
        setattr(row, column, keys.seal(row, column, word, client))
        flight.tokens.append(Token(word, client.id, "note", "", reader.id if reader else 0))
    row.save(force_insert=True)


def _into_visit(flight, sender, prison):
    """A visit of today with a document, a car and notes, so that the sheets of the day carry them."""
    place = Place.get(Place.prison == prison)
    begins = clock.now() + timedelta(hours=3)
    row = Booking(number=f"kan-{sender.id}", request_key=f"canary-{sender.id}", prison=prison, place=place,
                  organisation=sender.organisation, requested_by=sender, kind=WindowKind.INDIVIDUAL, starts_at=begins,
                  ends_at=begins + timedelta(hours=1), state=BookingState.CONFIRMED, answer_by=clock.today())
    for column in OF_BOOKING:
        word = f"kanarek{column}{sender.id}navstevy"
        setattr(row, column, keys.seal(row, column, word, sender.organisation))
    row.save(force_insert=True)
    visitor = Visitor(organisation=sender.organisation, user=sender, name=sender.name)
    word = f"kanarekdoklad{sender.id}x"
    visitor.document = keys.seal(visitor, "document", word, sender.organisation)
    visitor.save(force_insert=True)
    BookingVisitor.create(booking=row, visitor=visitor, user=sender, name=sender.name)
    flight.tokens += [Token(f"kanarek{column}{sender.id}navstevy", row.id, "visit") for column in OF_BOOKING]
    flight.tokens.append(Token(word, row.id, "document"))
    _said_of_it(flight, Booking.create(
        number=f"kan-{sender.id}-2", request_key=f"canary-{sender.id}-2", prison=prison, place=place,
        organisation=sender.organisation, requested_by=sender, kind=WindowKind.INDIVIDUAL,
        starts_at=begins - timedelta(days=1), ends_at=begins - timedelta(hours=23), state=BookingState.HELD,
        answer_by=clock.today()))


def _said_of_it(flight, booking):
    """What the two sides said of each other after a visit that was held: each side's words are for the two."""
    for who, about in ((booking.organisation, booking.prison), (booking.prison, booking.organisation)):
        word = f"kanareknazor{who.id}x{booking.id}"
        view = PartnerView(organisation=who, about=about, booking=booking, author=booking.requested_by,
                           **dict.fromkeys(QUESTIONS, Verdict.YES))
        view.note = keys.seal(view, "note", word, who)
        view.save(force_insert=True)
        flight.tokens.append(Token(word, booking.id, "view"))


def _consents(cast):
    """Nela's organisation reads follow-ups, Petra the name, the strangers had a consent that is over."""
    for number, recipient, scopes, state, person in (
            ("C1", cast.ngo, (Scope.FOLLOW_UP, Scope.AUTHORITY_RECORDS), ConsentState.ACTIVE, None),
            ("C4", cast.prison, (Scope.PLAN,), ConsentState.ACTIVE, None),
            ("C2", cast.probation, (Scope.IDENTITY,), ConsentState.ACTIVE, cast.petra),
            ("C5", cast.probation, (Scope.PLAN,), ConsentState.ACTIVE, cast.petra),  # of housing only
            ("C3", cast.other_ngo, (Scope.FOLLOW_UP, Scope.IDENTITY), ConsentState.WITHDRAWN, None)):
        consent = Consent(number=number, client=cast.karel, recipient=recipient, recipient_user=person, state=state,
                          from_on=cast.today, until_on=cast.today, text_version="1", text_hash="0")
        consent.purpose = keys.seal(consent, "purpose", "pomoc", cast.karel)
        consent.save(force_insert=True)
        for scope in scopes:
            ConsentScope.create(consent=consent, scope=scope, need="housing" if number == "C5" else "")


