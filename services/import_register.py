"""What a public register says, kept beside the book to compare it with."""
from peewee import chunked

import db
from models import Organisation, OrganisationState, RegisterRecord, Service
from services.import_write import Statements


def keep_register(found: list[dict], at) -> None:
    """Keeps what the register of social services said today; a service that it no longer has is marked missing."""
    lines = {each["number"]: {"register": "rpss", "seen_at": at, "missing_at": None, **_told(each)} for each in found
             if each["number"]}
    statements = Statements()
    known = dict(RegisterRecord.select(RegisterRecord.number, RegisterRecord.id)
                 .where(RegisterRecord.register == "rpss").tuples())
    statements.insert(RegisterRecord, [line for number, line in lines.items() if number not in known])
    for number in lines.keys() & known.keys():
        statements.add(RegisterRecord.update(**lines[number]).where(RegisterRecord.id == known[number]))
    for some in chunked(sorted(known.keys() - lines.keys()), 500):
        statements.add(RegisterRecord.update(missing_at=at).where(
            RegisterRecord.register == "rpss", RegisterRecord.number.in_(list(some)),
            RegisterRecord.missing_at.is_null()))
    with db.writing():
        statements.run({})


def _told(each) -> dict:
    empty = dict.fromkeys(("street", "city", "postal_code", "web", "email", "phone"), "")
    return {**empty, **each}


def not_in_register(limit: int = 20) -> tuple[list[Organisation], int]:
    """Organisations of the book with services and a company number that the register no longer has or never had."""
    present = RegisterRecord.select(RegisterRecord.ico).where(RegisterRecord.missing_at.is_null(),
                                                              RegisterRecord.ended_on.is_null())
    with_services = Service.select(Service.organisation).where(Service.ended_on.is_null())
    query = Organisation.select().where(
        Organisation.ico != "", Organisation.ico.not_in(present), Organisation.id.in_(with_services),
        Organisation.state != OrganisationState.CLOSED)
    if not RegisterRecord.select().exists():
        return [], 0
    return list(query.order_by(Organisation.sort).limit(limit)), query.count()
