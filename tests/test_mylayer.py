"""One's own layer over the book: favourites, lists, sealed notes; templates of mails."""
import pytest

import db
from errors import Missing, RuleBroken
from models import (
    BookListEntry,
    BookNote,
    Confidence,
    ContactPerson,
    MailTemplate,
    Organisation,
    OrganisationState,
    Outbox,
    Service,
)
from services import keys, letters, mylayer


@pytest.fixture
def service(cast):
    with db.writing():
        return Service.create(organisation=cast.ngo, slug="poradna", name="Dluhová poradna", sort="d",
                              confidence=Confidence.VERIFIED)


def test_a_star_is_put_and_taken_away(cast, sign_in, service):
    nela, page = sign_in("nela"), f"/book/{cast.ngo.public_id}"
    for thing in (service, cast.ngo):
        nela.send(f"/my/star/{thing.public_id}", page=page)
        assert nela.last.status == 303 and nela.last.location.split("#")[0].endswith(page)
    assert [thing.name for thing in mylayer.my_book(cast.nela).starred] == ["Dluhová poradna", cast.ngo.name]
    assert "Odebrat z oblíbených" in nela.get(page).text
    nela.send(f"/my/star/{service.public_id}", page=page)
    assert [thing.name for thing in mylayer.my_book(cast.nela).starred] == [cast.ngo.name]


def test_lists_and_notes_are_kept_and_nobody_else_sees_them(cast, sign_in, service):
    nela, keep = sign_in("nela"), f"/my/keep/{service.public_id}"
    nela.send(keep, page=keep, new_list="Bydlení v Liberci", note="Volat ráno, heslo 4417")
    assert "Volat ráno" in nela.get("/my").text and "Volat ráno" in nela.get(f"/book/{cast.ngo.public_id}").text
    (row, _on), = mylayer.kept(cast.nela, service.public_id).lists
    assert "Dluhová poradna" in nela.get(f"/my/lists/{row.public_id}").text
    colleague = sign_in("nora")
    assert "4417" not in colleague.get("/my").text + colleague.get(f"/book/{cast.ngo.public_id}").text
    assert colleague.get(f"/my/lists/{row.public_id}").status == 404
    assert colleague.post(f"/my/lists/{row.public_id}/remove").status == 404


def test_a_note_is_sealed_under_the_key_of_its_person(cast, service):
    mylayer.keep(cast.nela, service.public_id, [], "", "Volat ráno")
    note = BookNote.get()
    assert keys.unseal(note, "text", cast.nela) == "Volat ráno"
    with db.writing():
        keys.destroy(cast.nela)
    assert not keys.readable(note, "text", cast.nela)


def test_an_empty_note_goes_and_a_list_is_left(cast, service):
    mylayer.keep(cast.nela, service.public_id, [], "Dluhy", "Volat")
    mylayer.keep(cast.nela, service.public_id, [], "", "")
    assert not BookNote.select().exists() and not BookListEntry.select().exists()
    assert [each.name for each, _count in mylayer.my_book(cast.nela).lists] == ["Dluhy"]


def test_a_name_of_a_list_stands_once(cast):
    mylayer.add_list(cast.nela, "Dluhy")
    mylayer.add_list(cast.nora, "Dluhy")
    for name in ("Dluhy", " Dluhy ", ""):
        with pytest.raises(RuleBroken):
            mylayer.add_list(cast.nela, name)


def test_what_is_closed_is_gone_from_ones_layer(cast, sign_in):
    mylayer.star(cast.nela, cast.other_ngo.public_id, True)
    with db.writing():
        Organisation.update(state=OrganisationState.CLOSED).where(Organisation.id == cast.other_ngo.id).execute()
    assert mylayer.my_book(cast.nela).starred == []
    assert sign_in("nela").get(f"/my/keep/{cast.other_ngo.public_id}").status == 404


# Templates

@pytest.mark.parametrize(("text", "filled"), [
    ("{{contact}}", "{{prison}}"), ("{{ prison }}", "Lhota"), ("{{unknown}} {{organisation}}", "{{unknown}} Návrat"),
    ("{% raw %}{{7*7}}", "{% raw %}{{7*7}}"), ("{{{contact}}}", "{{{prison}}}"), ("{{sender.name}}", "{{sender.name}}"),
])
def test_filling_is_one_pass_of_plain_replacement(text, filled):
    values = {"contact": "{{prison}}", "prison": "Lhota", "organisation": "Návrat", "sender": "Nela"}
    assert letters.fill(text, values) == filled


@pytest.mark.parametrize("body", ["{{vezen}}", "{{ 7*7 }}", "{{sender.__class__}}", "{{}}"])
def test_a_field_that_there_is_not_is_refused(cast, body):
    with pytest.raises(RuleBroken):
        letters.save(cast.nela, None, "šablona", "předmět", body)


def test_templates_belong_to_the_organisation(cast, sign_in):
    row = letters.save(cast.nela, None, "první kontakt", "předmět", "text")
    assert [each.name for each in letters.templates(cast.nora)] == ["první kontakt"]
    stranger = sign_in("strange_ngo")
    assert stranger.get(f"/my/templates/{row.public_id}").status == 404
    assert stranger.post(f"/my/templates/{row.public_id}/remove").status == 404 and MailTemplate.select().count() == 1
    with pytest.raises(Missing):
        letters.templates(cast.parta)


def contact(cast, email="dita@example.org"):
    with db.writing():
        ContactPerson.update(email=email).execute()
    return ContactPerson.get().public_id


def test_a_mail_is_refused_while_a_field_is_open(cast):
    for subject, body in (("{{contact}}", "text"), ("předmět", "{{prison}}")):
        with pytest.raises(RuleBroken):
            letters.send(cast.nela, cast.prison.public_id, contact(cast), subject, body)
    assert not Outbox.select().exists()


def test_a_second_press_of_the_button_sends_nothing(cast):
    for _press in range(2):
        letters.send(cast.nela, cast.prison.public_id, contact(cast), "předmět", "text")
    assert Outbox.select().where(Outbox.recipient == "dita@example.org").count() == 1


def test_a_person_sends_only_so_many_mails_a_day(cast, travel):
    for number in range(letters.MOST_A_DAY):
        letters.send(cast.nela, cast.prison.public_id, contact(cast), f"předmět {number}", "text")
    with pytest.raises(RuleBroken):
        letters.send(cast.nela, cast.prison.public_id, contact(cast), "ještě jeden", "text")
    travel.shift(25 * 3600)
    letters.send(cast.nela, cast.prison.public_id, contact(cast), "ještě jeden", "text")


@pytest.mark.parametrize("address", ["dita@example.org\r\nBcc: x@example.org", "dita@example.org, x@example.org", "x"])
def test_an_address_that_is_none_is_not_written_to(cast, address):
    person = contact(cast, address)
    assert person not in [each.public_id for each in letters.letter(cast.nela, cast.prison.public_id).addressees]
    with pytest.raises(RuleBroken):
        letters.send(cast.nela, cast.prison.public_id, person, "předmět", "text")


def test_a_mail_to_who_is_no_prison_starts_nothing(cast):
    letters.send(cast.nela, cast.other_ngo.public_id, "", "předmět", "text")
    assert [mail.recipient for mail in Outbox.select()] == ["other_ngo@example.org"]
    assert Outbox.get().reply_to == "nela@example.org"
