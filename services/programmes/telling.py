"""Who is told what of a programme. A mail names the programme and organisations, never a person in it."""
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

import formats
from models import Organisation, Programme, ProgrammeSite, Role, Topic, User
from services import mail
from services.cooperation.telling import people


def _tell(person: User, subject, body, row: Programme) -> None:
    """`subject` and `body` are functions that give words in the reader's language."""
    with force_locale(person.language):
        path = f"/programmes/{row.public_id}"
        mail.tell(person, Topic.PROGRAMMES, subject(), "\n".join([body(person), "", mail.link(path), ""]), path)


def _coordinators() -> list[User]:
    return list(User.select().where(User.role == Role.COORDINATOR, User.active == True))  # noqa: E712


def of_prisons(row: Programme) -> list[User]:
    """Leads of the prisons where a programme runs."""
    homes = ProgrammeSite.select(ProgrammeSite.prison).where(ProgrammeSite.programme == row,
                                                             ProgrammeSite.prison.is_null(False))
    return [person for home in Organisation.select().where(Organisation.id.in_(homes)) for person in people(home.id)]


def it_ends(row: Programme, months: int) -> None:
    """The end is near: who runs it, the prisons, the coordinator."""
    for person in [*people(row.kept_by_id), *of_prisons(row), *_coordinators()]:
        _tell(person, lambda: ngettext("The programme %(name)s ends in %(num)d month",
                                       "The programme %(name)s ends in %(num)d months", months, name=row.name),
              lambda reader: _("Its last day is %(day)s. A continuity plan and a successor are to be found by then.",
                               day=formats.day(row.ends_on, language=reader.language)), row)


def successor_named(row: Programme) -> None:
    for person in [*people(row.kept_by_id), *people(row.successor.kept_by_id)]:
        _tell(person, lambda: _("A successor of the programme %(name)s", name=row.name),
              lambda _reader: _("The coordinator named %(next)s as the programme that takes over.",
                                next=row.successor.name), row)


def is_over(row: Programme) -> None:
    for person in [*of_prisons(row), *_coordinators()]:
        _tell(person, lambda: _("The programme %(name)s has ended", name=row.name),
              lambda _reader: _("It is taken over by: %(next)s", next=row.successor.name) if row.successor_id
              else _("Nothing takes it over."), row)


def places_held(row: Programme, held) -> None:
    for person in people(row.kept_by_id):
        _tell(person, lambda: _("A prison keeps places in the programme %(name)s", name=row.name),
              lambda reader: _("%(prison)s keeps %(count)d places until %(when)s.", prison=held.prison.label,
                               count=held.places, when=formats.moment(held.until_at, language=reader.language)), row)
