"""Forms of visits: asking for one, and the answers to it."""
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from choices import of_members, of_pairs
from models import Reason
from services.visits import Wish, series, several, trips
from services.visits.changing import Change
from web import DAY_FORMATS, carried

WITHOUT_NAMES = _l("Leave out names of clients.")


def number_field(words, least, most, hint=""):
    sentence = _l("Write a number from %(least)d to %(most)d.", least=least, most=most)
    return IntegerField(words, [Optional(), NumberRange(least, most, sentence)], render_kw={"inputmode": "numeric"},
                        invalid_value_message=sentence, description=hint)


def purpose_field():
    return TextAreaField(_l("What the visit is for"), [
        InputRequired(_l("Write what the visit is for.")), Length(max=500, message=_l("Use at most 500 signs."))],
        render_kw={"rows": 2}, description=_l("For example: debt counselling. Leave out names of clients."))


def equipment_field():
    return StringField(_l("What you need to bring in"), [Optional(), Length(max=200)], description=_l(
        "Only what needs a yes of the prison, for example: a notebook, a projector."))


def plate_field():
    return StringField(_l("Number plate of the car"), [Optional(), Length(max=40)],
                       description=_l("Only if you drive into the prison."))


def staff_note_field():
    return TextAreaField(_l("Note for the staff"), [Optional(), Length(max=1000)], render_kw={"rows": 2},
                         description=WITHOUT_NAMES)


def client_note_field():
    return TextAreaField(
        _l("Note for the client"), [Optional(), Length(max=1000)], render_kw={"rows": 2},
        description=_l("The client reads it in their application, for example: take your documents along."))


class PeopleForm(FlaskForm):
    """Who comes."""

    colleagues = SelectMultipleField(_l("Who comes"), choices=[], validate_choice=False)
    guests = TextAreaField(_l("Others who come"), [Length(max=2000)], render_kw={"rows": 2},
                           description=_l("First name and surname, each person on a new line."))

    def names(self) -> list[str]:
        return (self.guests.data or "").splitlines()


RHYTHMS = of_pairs([("", _l("no, once only")), ("1", _l("every week")), ("2", _l("every other week")),
                    ("3", _l("every third week")), ("4", _l("every fourth week")), ("6", _l("every sixth week")),
                    ("8", _l("every eighth week"))])


class RequestForm(PeopleForm):
    """Who comes and what for. `slot` is carried along; it becomes a question only where the time was taken."""

    slot = RadioField(_l("Choose another time"), [InputRequired(_l("Choose a time."))], choices=[],
                      validate_choice=False)
    purpose = purpose_field()
    others = SelectMultipleField(_l("Other times that would do"), [Optional(), Length(
        max=2, message=_l("Choose at most two other times."))], choices=[], validate_choice=False, description=_l(
            "At most two. The prison chooses one; all are kept for you until it answers."))
    clients = SelectMultipleField(_l("Whom you visit"), [Optional()], choices=[], validate_choice=False,
                                  description=_l("Only you and those who may know of the client see the codes."))
    finds_clients = IntegerField(_l("So many clients whom the prison will find"), [Optional(), NumberRange(
        1, 99, message=_l("Write a number from 1 to 99."))], render_kw={"inputmode": "numeric"},
        description=_l("For example for a group: the prison chooses who takes part."))
    equipment = equipment_field()
    plate = plate_field()
    staff_note = staff_note_field()
    every = SelectField(_l("Again"), choices=RHYTHMS, default="")
    times = number_field(_l("How many times"), 2, series.MOST)
    until = DateField(_l("Until"), [Optional()], format=DAY_FORMATS, description=_l("For example: 30. 6. 2027."),
                      invalid_value_message=_l("Enter a day such as 30. 6. 2027."))
    after = number_field(_l("How many times after each other"), 2, trips.MOST, _l(
        "One trip, each time for another client. You get all of them or none."))
    request_key = HiddenField(validators=[InputRequired(), Length(min=16, max=40)])
    wait = HiddenField(default="")
    wait_full = BooleanField(_l("Wait in line for the days that are full"), description=_l(
        "As soon as a place becomes free and it is your turn, you are told."))
    step = HiddenField(default="check")

    def offer(self, people, clients, free=()) -> None:
        """What can be chosen, for a page that shows it; before the form is sent the first of the people, the actor, is.

        `people` are (public id, name and standing).
        """
        self.colleagues.choices = of_pairs(people)
        self.clients.choices = of_pairs((client.public_id, client.code) for client in clients)
        self.others.choices = of_pairs((slot.key, slot) for slot in free if slot.key != self.slot.data)
        if not self.is_submitted():
            self.colleagues.data = [people[0][0]]

    def wish(self) -> Wish:
        return Wish(slot=self.slot.data, purpose=self.purpose.data, colleagues=self.colleagues.data or [],
                    guests=self.names(), clients=self.clients.data or [], others=self.others.data or [],
                    finds_clients=self.finds_clients.data, equipment=self.equipment.data or "",
                    plate=self.plate.data or "", staff_note=self.staff_note.data or "", wait=bool(self.wait.data))

    def rhythm(self) -> series.Rhythm | None:
        """How often, where it is not once only."""
        return series.Rhythm(int(self.every.data), self.times.data, self.until.data) if self.every.data else None

    def validate(self, extra_validators=None):
        """A trip and a series at once would be a series of trips, which nobody could look over."""
        if not super().validate(extra_validators):
            return False
        if self.every.data and self.after.data:
            self.after.errors = [_("Choose one of the two: again, or several times after each other.")]
        elif (self.times.data or self.until.data) and not self.every.data:
            self.every.errors = [_("Choose how often.")]
        elif self.wait.data and (self.every.data or self.after.data):
            self.every.errors = [_("A place on the waiting list is for one visit. Leave out what is to come again.")]
        return not self.errors

    def carried(self) -> list[tuple[str, str]]:
        """All that was filled in as pairs of name and value, for the page on which it is checked."""
        return carried(self, without={"wait_full"})


class AnswerForm(FlaskForm):
    """A refusal or a cancellation: a reason, and words to go with it."""

    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))])
    message = TextAreaField(_l("Message"), [Optional(), Length(max=1000, message=_l("Use at most 1,000 signs."))],
                            render_kw={"rows": 3}, description=WITHOUT_NAMES)

    def offer(self, reasons) -> None:
        self.reason.choices = of_members(reasons)

    def given(self) -> dict:
        return {"reason": Reason(self.reason.data), "message": self.message.data or ""}


class BareForm(FlaskForm):
    """A button: nothing but the token."""

    def offer(self, reasons) -> None:
        pass

    def given(self) -> dict:
        return {}


class DecideForm(FlaskForm):
    """A yes to more than one question: which time, what may be brought in, who may come (fields of the page)."""

    time = RadioField(_l("Which time"), [Optional()], choices=[], validate_choice=False)
    equipment = RadioField(_l("May they bring it in?"), [Optional()], choices=of_pairs([
        ("yes", _l("yes")), ("no", _l("no, they come without it"))]))
    refused = HiddenField()
    message = AnswerForm.message
    client_note = client_note_field()
    looked = HiddenField(default="")  # the page on which everything stands says yes

    def given(self) -> dict:
        return {"time": self.time.data or "", "looked": bool(self.looked.data), "message": self.message.data or "",
                "equipment": {"yes": True, "no": False}.get(self.equipment.data),
                "notes": {"client_note": self.client_note.data} if self.client_note.data else {}}


class ProposeForm(FlaskForm):
    """Another time that the prison offers."""

    time = RadioField(_l("Another time"), [InputRequired(_l("Choose a time."))], choices=[], validate_choice=False)
    message = AnswerForm.message

    def given(self) -> dict:
        return {"time": self.time.data, "message": self.message.data or ""}


class ChangeForm(PeopleForm):
    """What the sender wants instead of what was agreed."""

    slot = RadioField(_l("Time"), [Optional()], choices=[], validate_choice=False)
    equipment = equipment_field()
    purpose = purpose_field()
    plate = plate_field()
    staff_note = staff_note_field()

    def change(self) -> Change:
        return Change(self.slot.data or "", self.colleagues.data or [], self.names(), self.equipment.data or "")

    def notes(self) -> dict:
        return {name: self[name].data or "" for name in ("purpose", "plate", "staff_note")}


class NoteForm(FlaskForm):
    """Notes of either side; nobody is asked again."""

    staff_note = staff_note_field()
    client_note = client_note_field()

    def notes(self) -> dict:
        return {name: self[name].data or "" for name in ("staff_note", "client_note") if name in self}


class SeveralForm(PeopleForm):
    """One change of several visits that belong together."""

    reach = RadioField(_l("Which visits"), [InputRequired(_l("Choose which visits."))], default="later",
                       choices=of_pairs([("this", _l("this one")), ("later", _l("this one and all later ones")),
                                         ("all", _l("all that are still ahead"))]))
    what = RadioField(_l("What is to be done"), [InputRequired(_l("Choose what is to be done."))], choices=of_pairs([
        ("call_off", _l("call off")), ("time", _l("another time")), ("people", _l("other people"))]))
    reason = RadioField(_l("Reason"), [Optional()], choices=[])
    message = AnswerForm.message
    slot = RadioField(_l("Another time of this visit"), [Optional()], choices=[], validate_choice=False, description=_l(
        "The others move by as many days, to the same hour."))
    step = HiddenField(default="check")

    def offer(self, whats, reasons, free, colleagues) -> None:
        self.what.choices = [choice for choice in self.what.choices if choice.value in whats]
        self.reason.choices = of_members(reasons)
        self.slot.choices = of_pairs((slot.key, slot) for slot in free)
        self.colleagues.choices = of_pairs((person.public_id, person.name) for person in colleagues)

    def wanted(self) -> several.Wanted:
        return several.Wanted(
            several.Reach(self.reach.data), several.What(self.what.data),
            Reason(self.reason.data) if self.reason.data else None, self.message.data or "", self.slot.data or "",
            self.colleagues.data or [], self.names())

    def carried(self) -> list[tuple[str, str]]:
        return carried(self)
