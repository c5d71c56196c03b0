"""What pages may ask the database: the budgets of `make bench`, held with each change."""
import pytest

import clock
import db
from models import Client, ConsentState, FactCheck, Membership, Prompt, PromptState, Scope, Task, TaskKind
from tests.support.queries import counted
from tests.support.visits import asked, free
from tests.test_files import consent

TODAY, ORGANISATION, WEEK, FILE, FOLLOW_UP, BOOKING, TOO_LATE = 9, 7, 7, 10, 15, 15, 8
EVERYBODY = ("pavel", "petra", "kamila", "nela", "karel", "kora", "adam")


def asks(get, *address) -> list[str]:
    """The statements of a request, after one that fills what is kept; commits are not among them."""
    get(*address)
    with counted() as seen:
        answer = get(*address)
    assert answer.status in {200, 303}, answer.status
    return [sql for sql in seen if sql != "COMMIT"]


@pytest.mark.parametrize("name", EVERYBODY)
def test_today(cast, sign_in, name):
    asked(cast.nela, cast.prison)
    seen = asks(sign_in(name).get, "/")
    assert 1 <= len(seen) <= TODAY, "\n".join(seen)


@pytest.mark.parametrize("name", ["kamila", "nela"])
def test_follow_ups_and_things_to_do_come_with_what_is_asked_first(cast, sign_in, name):
    person, actor = sign_in(name), getattr(cast, name)
    with db.writing():
        Prompt.delete().execute()
    before = asks(person.get, "/")
    with db.writing():
        for day in range(3):
            Task.create(organisation=actor.organisation_id, owner=actor, kind=TaskKind.FAMILY_NOTE,
                        due_on=clock.today(), about=f"note{day}")
            client = Client.create(code=f"JANA{day}X", recorded_by=actor.organisation_id, released_on=clock.today())
            Membership.create(client=client, organisation=actor.organisation_id, worker=actor, since_on=clock.today())
            Prompt.create(client=client, organisation=actor.organisation_id, worker=actor, milestone=3,
                          due_on=clock.today(), state=PromptState.OPEN)
    seen = asks(person.get, "/")
    assert person.last.text.count("JANA") >= 3 and "note2" in person.last.html
    assert len(seen) == len(before), "\n".join(seen)


def test_an_organisation(cast, sign_in):
    assert FactCheck.select().exists()
    seen = asks(sign_in("kamila").get, f"/book/{cast.ngo.public_id}")
    assert 4 <= len(seen) <= ORGANISATION, "\n".join(seen)


def test_a_week(cast, sign_in):
    asked(cast.nela, cast.prison)
    seen = asks(sign_in("pavel").get, "/visits")
    assert 3 <= len(seen) <= WEEK, "\n".join(seen)


@pytest.mark.parametrize("page, most", [("", 7), ("/regions", 7), ("/groups", 7), ("/map", 7), ("/unmet", 12),
                                        ("/shares", 9), ("/region?region=CZ020&need=housing", 12)])
def test_coverage(cast, sign_in, page, most):
    seen = asks(sign_in("kora").get, f"/coverage{page}")
    assert 3 <= len(seen) <= most, "\n".join(seen)


def test_a_file_that_a_consent_opens(cast, sign_in):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.IDENTITY, Scope.VISITS, Scope.FOLLOW_UP, Scope.NETWORK,
                state=ConsentState.ACTIVE)
    seen = asks(sign_in("nela").get, f"/clients/{cast.karel.public_id}")
    assert any(sql.startswith("INSERT") for sql in seen), "the reading is not in the journal"
    assert len(seen) <= FILE, "\n".join(seen)


def test_an_organisation_asks_the_same_however_much_there_is(cast, sign_in):
    reader, address = sign_in("kamila"), f"/book/{cast.ngo.public_id}"
    before = asks(reader.get, address)
    with db.writing():
        for group in ("registration", "services"):
            FactCheck.insert(organisation=cast.ngo, group=group, source="x", confidence="verified") \
                .on_conflict_ignore().execute()
    assert len(asks(reader.get, address)) == len(before)


def test_a_follow_up_entry(cast, sign_in):
    kamila, page = sign_in("kamila"), f"/follow-ups/{cast.prompt.public_id}"
    form = kamila.get(page).page
    values = {**form.values(form.form(page)), "reached": "telephone"}
    with counted() as seen:
        assert kamila.post(page, values).status == 303
    assert len(seen) - seen.count("COMMIT") <= FOLLOW_UP, "\n".join(seen)


def test_a_request_of_a_visit(cast, sign_in):
    nela, page = sign_in("nela"), f"/visits/request/{cast.prison.public_id}/details"
    for number in range(2):  # the first one makes the organisation's key
        values = {"slot": free(cast.prison).key, "guests": "Jana Vzorná", "purpose": "dluhy", "step": "send",
                  "request_key": f"{number}" * 22}
        with counted() as seen:
            assert nela.post(page, values).status == 303
    queries = [sql for sql in seen if sql != "COMMIT" and "pg_advisory" not in sql]  # a lock as SQLite's file
    assert 5 <= len(queries) <= BOOKING, "\n".join(queries)


def test_who_comes_too_late_for_a_seat(cast, sign_in):
    nela, page, slot = sign_in("nela"), f"/visits/request/{cast.prison.public_id}/details", free(cast.prison)
    for _seat in range(slot.free):
        asked(cast.kamila, cast.prison, slot)
    values = {"slot": slot.key, "guests": "Jana Vzorná", "purpose": "dluhy", "step": "send", "request_key": "x" * 22}
    nela.get("/")
    assert nela.post(page, values).status == 422
    with counted() as seen:
        answer = nela.post(page, values)
    assert answer.status == 422 and 'type="radio"' in answer.html
    assert 4 <= len(seen) <= TOO_LATE, "\n".join(seen)
    assert all(sql.startswith("SELECT") for sql in seen), "who comes too late waits for no lock"
