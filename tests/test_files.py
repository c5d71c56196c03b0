"""A client's file: who sees which part, and what the journal says of it. fig-A9, fig-J4."""
import json
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing
from models import Consent, ConsentScope, ConsentState, FollowUp, Journal, Reached, Scope
from services import files, keys

pytestmark = pytest.mark.usefixtures("cast")


def entry(client, author, note="Drží se.", at=None):
    """An entry of the feedback log written by somebody of the cast."""
    row = FollowUp(client=client, organisation=author.organisation, author=author, milestone=30,
                   request_key=f"{author.id}-{note}", reached=Reached.IN_PERSON, created_at=at or clock.now())
    row.note = keys.seal(row, "note", note, client)
    row.save(force_insert=True)
    return row


def consent(client, recipient, *scopes, state=ConsentState.ACTIVE, start=0, days=30, **columns):
    """A consent as it stands after the client agreed."""
    row = Consent.create(number=f"S-{Consent.select().count()}", client=client, recipient=recipient, purpose=b"",
                         state=state, from_on=clock.today() + timedelta(days=start),
                         until_on=clock.today() + timedelta(days=days), text_version="1", text_hash="0", **columns)
    for scope in scopes:
        ConsentScope.create(consent=row, scope=scope)
    return row


@pytest.fixture
def written(cast):
    with db.writing():
        return entry(cast.karel, cast.kamila)


def opens(actor, client) -> bool:
    try:
        files.open_file(actor, client.public_id)
    except Missing:
        return False
    return True


def test_kamila_reads_the_name_and_what_she_wrote(cast, written):
    file = files.open_file(cast.kamila, cast.karel.public_id)
    assert file[Scope.IDENTITY].value.name == "Karel Křehký"
    assert [each.note for each in file[Scope.FOLLOW_UP].value] == ["Drží se."]


@pytest.mark.parametrize("name", ["nela", "nora", "petra", "strange_curator", "strange_ngo", "strange_prison",
                                  "klara", "patrik", "kora", "adam", "parta", "karel_user"])
def test_nobody_else_opens_the_file(cast, written, name):
    assert not opens(getattr(cast, name), cast.karel)


def test_a_member_opens_the_file_once_it_is_theirs(cast):
    from models import Membership
    with db.writing():
        Membership.update(worker=cast.klara).where(Membership.organisation == cast.municipality,
                                                   Membership.client == cast.karel).execute()
    assert opens(cast.klara, cast.karel)


def test_nela_reads_exactly_what_the_consent_names(cast, written):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.FOLLOW_UP, Scope.AUTHORITY_RECORDS)
    file = files.open_file(cast.nela, cast.karel.public_id)
    assert not file[Scope.FOLLOW_UP].closed and len(file[Scope.FOLLOW_UP].value) == 1
    assert file[Scope.IDENTITY].closed and file[Scope.VISITS].closed and file[Scope.NETWORK].closed


def test_what_an_office_wrote_needs_a_consent_that_names_it(cast, written):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.FOLLOW_UP)
    assert files.open_file(cast.nela, cast.karel.public_id)[Scope.FOLLOW_UP].value == []


def test_an_office_reads_an_office_with_an_ordinary_consent(cast, written):
    with db.writing():
        consent(cast.karel, cast.probation, Scope.FOLLOW_UP, recipient_user=cast.petra)
    assert len(files.open_file(cast.petra, cast.karel.public_id)[Scope.FOLLOW_UP].value) == 1


@pytest.mark.parametrize("change", [
    {"state": ConsentState.DRAFT}, {"state": ConsentState.WITHDRAWN}, {"state": ConsentState.REFUSED},
    {"start": 1}, {"start": -20, "days": -1},
], ids=["draft", "withdrawn", "refused", "not yet", "over"])
def test_a_consent_that_does_not_hold_opens_nothing(cast, written, change):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.FOLLOW_UP, **change)
    assert not opens(cast.nela, cast.karel)


def test_a_paused_recipient_reads_nothing(cast, written):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.FOLLOW_UP)
        ngo = cast.ngo
        ngo.state = "paused"
        ngo.save()
    assert not opens(cast.nela, cast.karel)


def test_an_unassigned_member_does_not_read_by_the_consent_of_their_organisation(cast, written):
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.FOLLOW_UP)
    assert opens(cast.nela, cast.karel) and not opens(cast.nora, cast.karel)


def test_each_reading_leaves_a_row_that_names_parts_and_ground(cast, written):
    with db.writing():
        row = consent(cast.karel, cast.ngo, Scope.FOLLOW_UP)
    files.open_file(cast.nela, cast.karel.public_id)
    last = Journal.select().order_by(Journal.id.desc()).get()
    assert (last.actor_id, last.client, last.parts, last.ground) == \
        (cast.nela.id, cast.karel.id, "follow_up", f"consent:{row.number}")


def test_an_erased_client_is_nobody_s(cast):
    with db.writing():
        karel = cast.karel
        keys.destroy(karel)
        karel.erased_at = clock.now()
        karel.save()
        assert not keys.readable(karel, "name", karel)
    assert not opens(cast.kamila, karel)


def test_data_is_not_shown_when_the_row_cannot_be_written(cast, figure, monkeypatch):
    """The journal is made unwritable by the database itself: a trigger that refuses every new row."""
    control = opens(cast.kamila, cast.karel)
    with db.unlocked():
        for sql in refuse_journal():
            db.database.execute_sql(sql)
    shown = 0
    for actor in (cast.kamila, cast.pavel):
        try:
            shown += bool(files.open_file(actor, cast.karel.public_id))
        except Exception as error:  # whatever the database says, nothing may come back
            assert "no row" in str(error)
    with db.unlocked():
        for sql in allow_journal():
            db.database.execute_sql(sql)
    figure("fig-J4 data shown when the journal row cannot be written", value=shown, unit="files", n=2, target=0,
           ok=shown == 0, control=f"with a writable journal {int(control)} of 1 opened")
    assert shown == 0 and control


def refuse_journal():
    if db.is_sqlite():
        return ["CREATE TRIGGER refuse BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no row'); END"]
    return ["SET default_transaction_read_only = off",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no row'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
            "SET default_transaction_read_only = on"]


def allow_journal():
    if db.is_sqlite():
        return ["DROP TRIGGER refuse"]
    return ["SET default_transaction_read_only = off", "DROP TRIGGER refuse ON journal", "DROP FUNCTION refuse()",
            "SET default_transaction_read_only = on"]


def test_a_sealed_value_cannot_be_printed_by_accident(cast):
    sealed = cast.karel.name
    for careless in (str, "{}".format, "%s".__mod__, json.dumps, lambda value: f"{value}"):
        with pytest.raises(TypeError):
            careless(sealed)
    assert "Karel" not in repr(sealed)


def test_a_sealed_value_does_not_open_in_another_row(cast):
    from errors import SealBroken
    karel, cyril = cast.karel, cast.cyril
    cyril.name = karel.name
    with pytest.raises(SealBroken):
        keys.unseal(cyril, "name", karel)


def test_a_prison_reads_nothing_written_a_month_after_release(cast, figure):
    """fig-A9: Karel even agreed that the prison may read; entries made late stay closed."""
    released = cast.now.replace(hour=12) - timedelta(days=cast.today.toordinal() - cast.karel.released_on.toordinal())
    with db.writing():
        consent(cast.karel, cast.prison, Scope.FOLLOW_UP)
        for days in (1, 20, 30, 31, 32, 60, 200):
            entry(cast.karel, cast.kamila, f"den {days}", at=released + timedelta(days=days))
    notes = [each.note for each in files.open_file(cast.pavel, cast.karel.public_id)[Scope.FOLLOW_UP].value]
    late = [note for note in notes if int(note.split()[1]) > 30]
    everything = len(files.open_file(cast.kamila, cast.karel.public_id)[Scope.FOLLOW_UP].value)
    figure("fig-A9 prison's reads of what was made more than 30 days after release", value=len(late), unit="entries",
           n=7, target=0, ok=not late and len(notes) == 3, control=f"the curator reads {everything} of 7")
    assert notes and not late and everything == 7
