"""V52: web data are outdated. One tap says that a telephone does not work; the owner is told with a link."""
import db
from models import ContactPerson, Organisation, Outbox


def test_v52_one_tap_says_that_a_telephone_does_not_work_and_the_owner_gets_a_link(cast, sign_in):
    with db.writing():
        Organisation.update(phone="+420 777 123 456").where(Organisation.id == cast.ngo.id).execute()
    petra = sign_in("petra")
    page = petra.get(f"/book/{cast.ngo.public_id}")
    tap = f"/book/organisation/{cast.ngo.public_id}/not-working/phone"
    assert "telefon neplatí" in page.text
    assert petra.send(tap).status == 303
    assert [row.user for row in Outbox.select()] == [cast.nela]
    nela = sign_in("nela")
    link = next(each for each in nela.get("/").page.all("a") if "/book/corrections/" in (each["href"] or ""))["href"]
    assert nela.send(link, page=link, decide="all").status == 303
    assert cast.ngo.phone == ""
    assert "oprava přijata" in sign_in("petra").get("/").text


def test_v52_also_of_a_contact_person_and_not_by_the_owner(cast, sign_in):
    with db.writing():
        ContactPerson.update(phone="+420 777 123 456").where(ContactPerson.organisation == cast.prison.id).execute()
    person = ContactPerson.get()
    tap = f"/book/contact/{person.public_id}/not-working/phone"
    assert tap not in sign_in("pavel").get(f"/book/{cast.prison.public_id}").html
    nela = sign_in("nela")
    nela.get(f"/book/{cast.prison.public_id}")
    assert nela.send(tap).status == 303
    assert [row.user for row in Outbox.select()] == [cast.pavel]
