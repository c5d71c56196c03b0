"""What a public register says, kept beside the book to compare it with."""
from functools import reduce
from operator import or_

from peewee import chunked

import db
from models import Organisation, OrganisationState, RegisterRecord, Service
from services.import_write import Statements

RPSS = "rpss"  # the register of social services
INVENTED = "rpss-demo"  # what an invented register says of invented organisations; of real ones it says nothing


def register_for(organisation) -> str:
    """The register with which an organisation is compared."""
    return INVENTED if organisation.invented else RPSS


def keep_register(found: list[dict], at) -> None:
    """Keeps what the register of social services said today; a service that it no longer has is marked missing."""
    invented = {ico for ico, in Organisation.select(Organisation.ico).where(
        Organisation.ico != "", Organisation.invented == True).tuples()}  # noqa: E712
    for name in (RPSS, INVENTED):
        told = [each for each in found if each["number"] and (each["ico"] in invented) is (name == INVENTED)]
        if told:
            _keep(name, told, at)


def _keep(register, found, at):
    lines = {each["number"]: {"register": register, "seen_at": at, "missing_at": None, **_told(each)}
             for each in found}
    statements = Statements()
    known = dict(RegisterRecord.select(RegisterRecord.number, RegisterRecord.id)
                 .where(RegisterRecord.register == register).tuples())
    statements.insert(RegisterRecord, [line for number, line in lines.items() if number not in known])
    for number in lines.keys() & known.keys():
        statements.add(RegisterRecord.update(**lines[number]).where(RegisterRecord.id == known[number]))
    for some in chunked(sorted(known.keys() - lines.keys()), 500):
        statements.add(RegisterRecord.update(missing_at=at).where(
            RegisterRecord.register == register, RegisterRecord.number.in_(list(some)),
            RegisterRecord.missing_at.is_null()))
    with db.writing():
        statements.run({})


def _told(each) -> dict:
    empty = dict.fromkeys(("street", "city", "postal_code", "web", "email", "phone"), "")
    return {**empty, **each}


def not_in_register(limit: int = 20) -> tuple[list[Organisation], int]:
    """Organisations of the book with services and a company number that the register no longer has or never had."""
    absent = [(Organisation.invented == (name == INVENTED)) & Organisation.ico.not_in(_present(name))
              for name in (RPSS, INVENTED) if RegisterRecord.select().where(RegisterRecord.register == name).exists()]
    if not absent:
        return [], 0
    with_services = Service.select(Service.organisation).where(Service.ended_on.is_null())
    query = Organisation.select().where(
        Organisation.ico != "", reduce(or_, absent), Organisation.id.in_(with_services),
        Organisation.state != OrganisationState.CLOSED)
    return list(query.order_by(Organisation.sort).limit(limit)), query.count()


def _present(register):
    return RegisterRecord.select(RegisterRecord.ico).where(
        RegisterRecord.register == register, RegisterRecord.missing_at.is_null(), RegisterRecord.ended_on.is_null())
