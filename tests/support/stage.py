"""What stands in an address: for each endpoint with an object in it, the object of each relation.

`cast` is Karel's, or the cast's own; `strange` belongs to strangers; `closed` is what was closed; `missing` is nothing.
A new endpoint gets a line in ADDRESSES (or none, where its blueprint has one), and one in tests/access_matrix.csv.
"""
import json
import secrets
from datetime import time, timedelta

import clock
import db
from crypto import token_hash
from models import (
    AgendaItem,
    Agreement,
    Area,
    Booking,
    BookingClient,
    BookingState,
    BookList,
    ChecklistStep,
    Clearance,
    Closure,
    Confidence,
    Consent,
    ConsentScope,
    ConsentState,
    ContactPerson,
    Cooperation,
    CooperationState,
    DeletionNotice,
    EmergencyAccess,
    Endorsement,
    Evidence,
    EvidenceKind,
    FactGroup,
    FamilyRequest,
    Feed,
    FreshnessLink,
    Gap,
    GroupMember,
    GroupTask,
    HeldPlaces,
    Import,
    ImportState,
    JointDay,
    Kind,
    MailTemplate,
    Meeting,
    MeetingState,
    MinutesVersion,
    Offer,
    OfferState,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Participant,
    ParticipantState,
    Party,
    Place,
    PlanItem,
    PrisonProfile,
    Programme,
    ProgrammeKind,
    ProgrammePartner,
    ProgrammeSession,
    ProgrammeState,
    Prompt,
    RecordKind,
    Referral,
    ReferralState,
    Report,
    ReportState,
    Scope,
    Sender,
    Service,
    Task,
    TaskKind,
    TokenKind,
    Verification,
    Visitor,
    Wanted,
    Window,
    WindowKind,
    WorkingGroup,
)
from services import corrections, figures, keys
from services.groups import freezing
from tests.support import cast as the_cast

LINK, FEED, STILL_TRUE, OFFER = "l" * 43, "f" * 43, "s" * 43, "o" * 43
REFERRAL = "r" * 43  # the link of who has no account
FARE = "w" * 43  # a client's link to say how they fare


TRIPS = {"cast": "d" * 22, "strange": "e" * 22}
BATCHES = {"cast": "b" * 22, "strange": "c" * 22}


class Stage:
    """Things that pages are about, beside those of the cast. They are made when the stage is."""

    def __init__(self, cast):
        self.cast = cast
        with db.writing():
            self.bookings = {"cast": self._booking(cast.nela, cast.prison, cast.karel),
                             "strange": self._booking(cast.strange_ngo, cast.other_prison, cast.cyril)}
            self.held_visits = {"cast": self._held(cast.nela, cast.prison, cast.karel),
                                "strange": self._held(cast.strange_ngo, cast.other_prison, cast.cyril)}
            for relation, booking in self.bookings.items():
                Booking.update(trip=TRIPS[relation]).where(Booking.id == booking.id).execute()
            self.consents = {"cast": self._consent(cast.karel, cast.ngo, cast.nela),
                             "strange": self._consent(cast.cyril, cast.other_ngo, cast.strange_ngo)}
            self.feed = Feed.create(user=cast.nela, token_hash=token_hash(FEED))
            self._trust(cast)
            self._make_visitors(cast)
            self._make_days(cast)
            OneTimeToken.create(user=cast.nela, token_hash=token_hash(LINK), kind=TokenKind.RESET,
                                expires_at=clock.now() + timedelta(hours=1))
            self.closed = Organisation.create(slug="closed", kind=Kind.OTHER, state=OrganisationState.CLOSED,
                                              name="Zrušený spolek", sort="zrušený spolek",
                                              email="zruseny@example.org")
            self.services = {relation: self._service(cast.ngo, relation, published)
                             for relation, published in (("cast", True), ("unpublished", False))}
            self.run = Import.create(user=cast.nela, file="seznam.xlsx", format="xlsx", state=ImportState.READY,
                                     header=json.dumps({"sheet": "List1", "header": ["Název"], "header_row": 1,
                                                        "examples": [], "fingerprint": "x", "guess": {}}))
            self._make_cooperations(cast)
            self._make_layers(cast)
            self._make_grounds(cast)
            self._make_own(cast)
            self._make_plans(cast)
            self._make_referrals(cast)
            self._make_gaps(cast)
            self._make_programmes(cast)
            self._make_groups(cast)
            Prompt.update(token_hash=token_hash(FARE)).where(Prompt.client == cast.karel).execute()
            figures.freeze()
            self._make_times(cast)
        self.corrections = {
            "cast": corrections.propose(cast.petra, RecordKind.ORGANISATION, cast.ngo.public_id,
                                        {"phone": "+420 777 123 456"}, ""),
            "strange": corrections.propose(cast.strange_curator, RecordKind.ORGANISATION, cast.other_ngo.public_id,
                                           {"phone": "+420 777 123 456"}, "")}

    def _make_cooperations(self, cast):
        self.cooperations = {
            "cast": Cooperation.get(Cooperation.organisation == cast.ngo),
            "strange": Cooperation.create(organisation=cast.other_ngo, prison=cast.other_prison,
                                          state=CooperationState.ACTIVE)}
        prisons = {"cast": cast.prison, "strange": cast.other_prison}
        self.steps = {relation: ChecklistStep.create(prison=prison, position=1, name="krok", turn=Party.PRISON,
                                                     limit_days=7) for relation, prison in prisons.items()}
        self.wanted = {relation: Wanted.create(prison=prison, areas="debts") for relation, prison in prisons.items()}

    def _make_visitors(self, cast):
        people = {"cast": (cast.ngo, cast.prison), "strange": (cast.other_ngo, cast.other_prison)}
        self.visitors = {relation: Visitor.create(organisation=organisation, name="Vít Vrba")
                         for relation, (organisation, _prison) in people.items()}
        self.clearances = {relation: Clearance.create(visitor=self.visitors[relation], prison=prison)
                           for relation, (_organisation, prison) in people.items()}

    def _make_days(self, cast):
        """A joint day and a task of each prison; a visit to one that has no access to the network."""
        self.joint_days, self.tasks = {}, {}
        for relation, prison, worker in (("cast", cast.prison, cast.pavel),
                                         ("strange", cast.other_prison, cast.strange_prison)):
            day = self.cast.next_weekday(4)
            window = Window.create(place=Place.get(Place.prison == prison), kind=WindowKind.GROUP, extra=True, seats=3,
                                   weekday=4, starts=time(14), ends=time(16), slot_minutes=120, valid_from=day,
                                   valid_until=day)
            self.joint_days[relation] = JointDay.create(window=window, name="Nabídkový den")
            self.tasks[relation] = Task.create(organisation=prison, owner=worker, kind=TaskKind.CLEARANCE_ENDS,
                                               due_on=day)
        PrisonProfile.create(organisation=cast.other_prison, type="prison", on_paper=True)
        self.on_paper = {"cast": self._booking(cast.nela, cast.other_prison, cast.karel),
                         "strange": self.bookings["strange"]}

    def _make_layers(self, cast):
        people = {"cast": cast.nela, "strange": cast.strange_ngo}
        self.lists = {relation: BookList.create(user=user, name="Dluhy") for relation, user in people.items()}
        self.templates = {relation: MailTemplate.create(organisation=user.organisation, name="první kontakt",
                                                        subject="Spolupráce", body="Dobrý den")
                          for relation, user in people.items()}

    def _make_grounds(self, cast):
        """An agreement, and emergency accesses that colleagues opened."""
        dates = {"from_on": clock.today(), "until_on": clock.today() + timedelta(days=90)}
        self.agreements = {"cast": Agreement.create(number="D-1", giver=cast.prison, receiver=cast.municipality,
                                                    ground="smlouva", document="č. j. 1", **dates)}
        self.notices = {"cast": DeletionNotice.create(organisation=cast.ngo, client=cast.karel,
                                                      consent=self.consents["cast"]),
                        "strange": DeletionNotice.create(organisation=cast.other_ngo, client=cast.cyril,
                                                         consent=self.consents["strange"])}
        for relation, consent in self.consents.items():
            Consent.update(batch=BATCHES[relation]).where(Consent.id == consent.id).execute()
        self.emergencies = {"cast": self._emergency(cast.karel, cast.klara),
                            "strange": self._emergency(cast.cyril, cast.strange_ngo)}

    def _make_plans(self, cast):
        """An item of Kamila's, about which Pavel is asked; the same among strangers."""
        people = {"cast": (cast.karel, cast.kamila, cast.prison),
                  "strange": (cast.cyril, cast.strange_curator, cast.other_prison)}
        self.plan_items, self.questions = {}, {}
        for relation, (client, author, recipient) in people.items():
            row = PlanItem(client=client, organisation=author.organisation, author=author, need="housing")
            row.what = keys.seal(row, "what", "Má domluvené bydlení.", client)
            row.save(force_insert=True)
            asked = Verification(item=row, asked_by=author, organisation=author.organisation, recipient=recipient)
            asked.question = keys.seal(asked, "question", "Je to tak?", client)
            asked.save(force_insert=True)
            self.plan_items[relation], self.questions[relation] = row, asked

    def _make_programmes(self, cast):
        """A programme that each of two prisons runs, with a client in it; places that each keeps in the other's."""
        homes = {"cast": (cast.prison, cast.karel, cast.ngo),
                 "strange": (cast.other_prison, cast.cyril, cast.other_ngo)}
        self.programmes, self.participants, self.sessions, self.held, self.partners = {}, {}, {}, {}, {}
        for relation, (prison, client, partner) in homes.items():
            row = Programme.create(kept_by=prison, code="P1", name="Motivace", kind=ProgrammeKind.MOTIVATION, places=9,
                                   state=ProgrammeState.RUNNING, starts_on=clock.today() - timedelta(days=30),
                                   ends_on=clock.today() + timedelta(days=700))
            self.programmes[relation] = row
            self.participants[relation] = Participant.create(
                programme=row, client=client, now_in=client, state=ParticipantState.TAKES_PART,
                started_on=clock.today())
            self.sessions[relation] = ProgrammeSession.create(programme=row, group=True, minutes=60,
                                                              starts_at=clock.now() - timedelta(days=1))
            self.partners[relation] = ProgrammePartner.create(programme=row, name="Norský partner")
            self.held[relation] = HeldPlaces.create(programme=row, prison=prison, places=1,
                                                    until_at=clock.now() + timedelta(hours=48))
            Endorsement.create(programme=row, organisation=partner, text="Osvědčilo se.")

    def _make_groups(self, cast):
        """A group that Nela leads, Parta in it and Klára at the door; another of strangers. A meeting is planned."""
        people = {"cast": (cast.nela, cast.parta, cast.klara),
                  "strange": (cast.strange_ngo, cast.strange_prison, cast.strange_curator)}
        self.groups, self.members, self.asking, self.meetings, self.agenda, self.given = {}, {}, {}, {}, {}, {}
        self.held_meetings, self.spoken_of = {}, {}
        Organisation.update(verified_at=clock.now() - timedelta(days=2)).where(
            Organisation.id == cast.other_ngo.id).execute()
        for relation, (lead, member, asks) in people.items():
            group = self.groups[relation] = WorkingGroup.create(name="Bydlení",
                                                                founded_at=clock.now() - timedelta(days=30))
            GroupMember.create(group=group, user=lead, lead=True, since_at=clock.now())
            self.members[relation] = GroupMember.create(group=group, user=member, since_at=clock.now())
            self.asking[relation] = GroupMember.create(group=group, user=asks)
            starts = clock.now() + timedelta(days=7)
            meeting = self.meetings[relation] = Meeting.create(group=group, starts_at=starts, place="Krajský úřad",
                                                               ends_at=starts + timedelta(hours=2))
            self.agenda[relation] = AgendaItem.create(meeting=meeting, position=1, title="Byty")
            self._make_held_meeting(relation, group)
            self.given[relation] = GroupTask.create(meeting=meeting, what="Najít byt.", owner=member,
                                                    due_on=clock.today() + timedelta(days=30))

    def _make_held_meeting(self, relation, group):
        """Yesterday's, its minutes being put right after they were approved once."""
        starts = clock.now() - timedelta(days=1)
        held = self.held_meetings[relation] = Meeting.create(
            group=group, starts_at=starts, place="Krajský úřad", ends_at=starts + timedelta(hours=2),
            state=MeetingState.CORRECTING, invited_at=starts, reason="chybělo jméno")
        self.spoken_of[relation] = AgendaItem.create(meeting=held, position=1, title="Byty")
        MinutesVersion.create(meeting=held, number=1, content=freezing.frozen(held))

    def introduction(self, relation):
        return {"public_id": self.held_meetings[relation].public_id,
                "organisation": self.cast.other_ngo.public_id}

    def programme_part(self, relation):
        return {"public_id": self.programmes[relation].public_id, "what": "partner",
                "part": self.partners[relation].public_id}

    def _make_own(self, cast):
        """What is written about clients, and reports: a draft for its author, another given to the client."""
        whose = {"cast": (cast.karel, cast.municipality, cast.kamila),
                 "strange": (cast.cyril, cast.other_municipality, cast.strange_curator)}
        self.items, self.drafts, self.reports = {}, {}, {}
        for relation, (client, organisation, author) in whose.items():
            self.items[relation] = PlanItem.create(client=client, organisation=organisation, author=author)
            self.drafts[relation], self.reports[relation] = (
                Report.create(client=client, organisation=organisation, author=author, state=state)
                for state in (ReportState.DRAFT, ReportState.WITH_CLIENT))
        self.notes = {relation: self._note(client, organisation)
                      for relation, (client, organisation, _author) in whose.items()}

    def _held(self, sender, prison, client):
        """A visit that was held yesterday."""
        row = self._booking(sender, prison, client)
        Booking.update(state=BookingState.HELD, starts_at=clock.now() - timedelta(days=1),
                       ends_at=clock.now() - timedelta(hours=23)).where(Booking.id == row.id).execute()
        return row

    @staticmethod
    def _note(client, organisation):
        """What somebody close wrote, which the client shows an organisation."""
        row = FamilyRequest(client=client, shown_to=organisation, accepted=True, decided_at=clock.now())
        for column, text in (("sender", "máma"), ("message", "Ozvi se.")):
            setattr(row, column, keys.seal(row, column, text, client))
        row.save(force_insert=True)
        return row

    @staticmethod
    def _emergency(client, actor):
        row = EmergencyAccess(client=client, organisation=actor.organisation, actor=actor,
                              until_at=clock.now() + timedelta(hours=72))
        row.reason = keys.seal(row, "reason", "Jde o život.", client)
        row.save(force_insert=True)
        return row

    def _make_times(self, cast):
        """Places, windows and closures of three prisons; nobody of the one on `paper` has an account."""
        prisons = {"cast": cast.prison, "strange": cast.other_prison, "paper": self._prison_on_paper()}
        self.prisons = prisons
        self.places = {relation: Place.get(Place.prison == prison) for relation, prison in prisons.items()}
        self.windows = {relation: Window.get(Window.place == place) for relation, place in self.places.items()}
        self.closures = {relation: Closure.create(prison=prison, from_at=clock.now() + timedelta(days=40),
                                                  until_at=clock.now() + timedelta(days=41))
                         for relation, prison in prisons.items()}

    @staticmethod
    def _prison_on_paper():
        prison = Organisation.create(slug="on-paper", kind=Kind.PRISON, state=OrganisationState.VERIFIED,
                                     name="Ukázková věznice Samota", sort="ukázková věznice samota")
        PrisonProfile.create(organisation=prison, type="prison", on_paper=True)
        place = Place.create(prison=prison, name="Hovorna", capacity=4)
        Window.create(place=place, weekday=2, starts=time(9), ends=time(10), slot_minutes=30, seats=1,
                      valid_from=clock.today())
        return prison

    @staticmethod
    def _booking(sender, prison, client):
        place = Place.get(Place.prison == prison)
        window = Window.get(Window.place == place)
        starts = clock.at(the_cast.Cast.next_weekday(window.weekday), window.starts)
        row = Booking.create(number=secrets.token_hex(4), request_key=secrets.token_hex(16), prison=prison,
                             organisation=sender.organisation, requested_by=sender, window=window, place=place,
                             kind=window.kind, starts_at=starts, ends_at=starts + timedelta(minutes=30),
                             answer_by=clock.today() + timedelta(days=3))
        BookingClient.create(booking=row, client=client)
        return row

    def _trust(self, cast):
        """Evidence, offers and the link of a mail; a strangers' offer is for the strangers' prison."""
        proof = {"kind": EvidenceKind.MEMBERSHIP, "text": "Člen asociace", "source": "rejstřík",
                 "dated_on": clock.today()}
        self.evidence = {"cast": Evidence.create(organisation=cast.ngo, added_by=cast.nela, **proof),
                         "strange": Evidence.create(organisation=cast.other_ngo, added_by=cast.strange_ngo, **proof)}
        self.offers = {"cast": self._offer(None, token_hash(OFFER)),
                       "strange": self._offer(cast.other_prison, token_hash(secrets.token_hex()))}
        FreshnessLink.create(organisation=cast.ngo, token_hash=token_hash(STILL_TRUE), recipient="nela@example.org",
                             groups=FactGroup.BASICS.value, expires_at=clock.now() + timedelta(days=30))

    def _make_gaps(self, cast):
        self.gaps = {"cast": Gap.create(cell="education", prison=cast.prison, area=Area.EDUCATION,
                                        opened_by=cast.kora)}

    def _make_referrals(self, cast):
        """A referral of the prison to the NGO's desk, one of strangers, and a link of who has no account."""
        people = {"cast": (cast.karel, cast.pavel, cast.ngo), "strange": (cast.cyril, cast.strange_prison,
                                                                          cast.other_ngo)}
        self.asked = {relation: self._service(receiver, f"asked-{relation}", False)
                      for relation, (_client, _author, receiver) in people.items()}
        self.referrals = {relation: Referral.create(
            number=f"P-{relation}", request_key=relation, client=client, sender=author.organisation, author=author,
            service=self.asked[relation], receiver=receiver, state=ReferralState.SENT, sent_at=clock.now(),
            answer_by=clock.today() + timedelta(days=7),
            external_hash=token_hash(REFERRAL) if relation == "cast" else None,
            external_until=clock.today() + timedelta(days=30))
            for relation, (client, author, receiver) in people.items()}

    @staticmethod
    def _offer(prison, hashed):
        return Offer.create(number=secrets.token_hex(4), request_key=secrets.token_hex(16), token_hash=hashed,
                            sender=Sender.NGO, name="Lano", fold="lano", contact="Lada", email="lada@lano.example",
                            what="Kurz", areas="activities", for_whom="muži", prison=prison,
                            state=OfferState.PASSED_ON, passed_on=clock.today())

    @staticmethod
    def _consent(client, recipient, asked_by):
        row = Consent(number=secrets.token_hex(4), client=client, recipient=recipient, asked_by=asked_by,
                      state=ConsentState.DRAFT, from_on=clock.today(), until_on=clock.today() + timedelta(days=90),
                      text_version="1", text_hash="0" * 64)
        row.purpose = keys.seal(row, "purpose", "aby mohli pomoci", client)
        row.save(force_insert=True)
        ConsentScope.create(consent=row, scope=Scope.FOLLOW_UP)
        return row

    @staticmethod
    def _service(organisation, slug, published):
        return Service.create(organisation=organisation, slug=f"service-{slug}", name="Poradna", sort="p",
                              plain="Poradíme vám.", published=published, confidence=Confidence.VERIFIED)

    def service(self, relation):
        return {"public_id": self.services[relation].public_id}

    def booking(self, relation):
        return {"public_id": self.bookings[relation].public_id}

    def consent(self, relation):
        return {"public_id": self.consents[relation].public_id}

    def client(self, relation):
        return {"public_id": (self.cast.karel if relation == "cast" else self.cast.cyril).public_id}

    def prompt(self, relation):
        return {"public_id": (self.cast.prompt if relation == "cast" else self.cast.strange_prompt).public_id}

    def organisation(self, relation):
        return {"public_id": {"cast": self.cast.ngo, "closed": self.closed}[relation].public_id}

    def fact_group(self, relation):
        return {**self.organisation(relation), "group": "basics"}

    def record(self, relation):
        """A record of the book: an organisation; `closed` is one that was closed."""
        return {**self.organisation(relation), "kind": RecordKind.ORGANISATION.value, "part": "contact",
                "field": "email"}

    def added(self, relation):
        return {**self.organisation(relation), "kind": RecordKind.CONTACT.value}

    def contact(self, relation):
        return {"kind": RecordKind.CONTACT.value, "public_id": ContactPerson.get().public_id}

    def correction(self, relation):
        return {"public_id": self.corrections[relation].public_id}

    def own_import(self, relation):
        return {"public_id": self.run.public_id}

    def prison(self, relation):
        return {"public_id": self.cast.prison.public_id}

    def own_feed(self, relation):
        return {"feed_id": self.feed.id}

    def address(self, app, endpoint: str, relation: str, samples: dict) -> str:
        """The address of an endpoint about the thing of a relation; `samples` are values for what is missing."""
        values = dict(samples)
        if relation and relation != "missing":
            values |= (ADDRESSES.get(endpoint) or ADDRESSES[endpoint.split(".")[0]])(self, relation)
        with app.test_request_context(base_url=app.config["BASE_URL"]):
            return app.url_for(endpoint, **values)


def thing(name, **values):
    """The line of ADDRESSES for things that the stage keeps by relation under `name`."""
    return lambda stage, relation: {"public_id": getattr(stage, name)[relation].public_id, **values}


ADDRESSES = {
    "account.other_card": Stage.client,
    "account.part_card": Stage.client,
    "family": thing("notes"),
    "partners": thing("held_visits", what="visit"),
    "own.ask": thing("services"),
    "own.item": thing("items"),
    "own.report": thing("reports"),
    "reports": thing("drafts"),
    "reports.of_client": Stage.client,
    "reports.step": thing("drafts", event="issue"),
    "imports": Stage.own_import,
    "clients": Stage.client,
    "endings": Stage.client,
    "grounds.end": thing("agreements"),
    "grounds.only_clients_words": Stage.organisation,
    "grounds.open_emergency": Stage.client,
    "grounds.confirm_emergency": thing("emergencies"),
    "consents": Stage.consent,
    "consents.deleted": thing("notices"),
    "consents.on_paper": Stage.client,
    "consents.take_back": Stage.client,
    "directory": Stage.organisation,
    "directory.confirm": Stage.fact_group,
    "cooperation": thing("cooperations"),
    "cooperation.answer": thing("cooperations", event="pause"),
    "cooperation.start": Stage.prison,
    "cooperation.step": thing("steps"),
    "cooperation.change_checklist": thing("steps", what="up"),
    "cooperation.edit_wanted": thing("wanted"),
    "cooperation.remove_wanted": thing("wanted"),
    "my": Stage.organisation,
    "my.book_list": thing("lists"),
    "my.remove_list": thing("lists"),
    "my.template": thing("templates"),
    "my.remove_template": thing("templates"),
    "feedback": Stage.prompt,
    "feedback.course": Stage.client,
    "feedback.end": lambda stage, relation: {**stage.prompt(relation), "event": "decline"},
    "feedback.own": lambda stage, relation: {"token": FARE},
    "feedback.wish": Stage.client,
    "feeds.revoke": Stage.own_feed,
    "feeds.calendar": lambda stage, relation: {"token": FEED},
    "account.password": lambda stage, relation: {"token": LINK},
    "me": Stage.consent,
    "me.together": lambda stage, relation: {"public_id": BATCHES[relation]},
    "openings": thing("places"),
    "openings.of_prison": thing("prisons"),
    "openings.add_place_of": thing("prisons"),
    "openings.close_of": thing("prisons"),
    "openings.limits_of": thing("prisons"),
    "openings.window": thing("windows"),
    "openings.end_window": thing("windows"),
    "openings.reopen": thing("closures"),
    "plans": Stage.client,
    "plans.fill_in": lambda stage, relation: {**stage.client(relation), "sheet": "plan"},
    "plans.item": thing("plan_items"),
    "plans.judge": thing("plan_items", claim="confirmed"),
    "plans.question": thing("questions"),
    "plans.verify": thing("plan_items"),
    "groups": thing("groups"),
    "groups.decide": thing("asking"),
    "groups.name_lead": thing("members"),
    "groups.remove": thing("members"),
    "meetings": thing("meetings"),
    "meetings.plan": thing("groups"),
    "meetings.step": thing("meetings", step="invite"),
    "meetings.item": thing("agenda"),
    "meetings.arrange": thing("agenda", where="out"),
    "meetings.write": thing("spoken_of"),
    "meetings.introduced": Stage.introduction,
    "meetings.writings": thing("agenda"),
    "meetings.version": thing("held_meetings", number=1),
    "meetings.task": thing("given"),
    "meetings.task_state": thing("given", state="done"),
    "programmes": thing("programmes"),
    "programmes.parts": thing("programmes", what="partners"),
    "programmes.remove": Stage.programme_part,
    "programmes.enrol": lambda stage, relation: {"public_id": stage.programmes[relation].public_id},
    "programmes.participant": thing("participants"),
    "programmes.step_of": thing("participants", event="take"),
    "programmes.session": thing("sessions"),
    "programmes.places": thing("held", event="back"),
    "releases": Stage.client,
    "public": Stage.service,
    "records": Stage.record,
    "records.add": Stage.added,
    "records.end": Stage.contact,
    "records.correction": Stage.correction,
    "records.seen": Stage.correction,
    "trust": Stage.organisation,
    "trust.answer": lambda stage, relation: {"token": STILL_TRUE},
    "trust.confirm": thing("evidence"),
    "trust.remove": thing("evidence"),
    "coverage": thing("gaps"),
    "coverage.advance": thing("gaps", event="take"),
    "coverage.in_prison": Stage.prison,
    "offers": thing("offers"),
    "offers.decide": thing("offers", event="reject"),
    "offers.mine": lambda stage, relation: {"token": OFFER},
    "day": Stage.booking,
    "joint_days": thing("joint_days"),
    "paper": thing("on_paper"),
    "referrals": thing("referrals"),
    "referrals.refer": Stage.client,
    "referrals.to_office": Stage.client,
    "referrals.step": thing("referrals", event="withdraw"),
    "referrals.questions": thing("asked"),
    "referrals.hand_all_on": thing("asked"),
    "referrals.successor": thing("asked"),
    "referrals.link": lambda stage, relation: {"token": REFERRAL},
    "tasks": thing("tasks"),
    "visitors": thing("visitors"),
    "visitors.decide": thing("clearances", event="clear"),
    "visits": Stage.booking,
    "visits.confirm_all": lambda stage, relation: {"public_id": TRIPS[relation]},
    "visits.for_client": Stage.client,
    "visits.together": lambda stage, relation: {"public_id": TRIPS[relation]},
    "visits.request": Stage.prison,
    "visits.details": Stage.prison,
}
