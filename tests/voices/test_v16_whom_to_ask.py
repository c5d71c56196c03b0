"""V16: several people in a prison handle co-operation; exactly one named contact for an agenda, and a deputy."""
from datetime import timedelta

from models import ContactPerson


def add_person(person, prison, **values):
    path = f"/book/{prison.public_id}/add/contact"
    assert person.send(path, page=path, **values).status == 303


def test_v16_one_named_contact_for_an_agenda_with_a_deputy_who_stands_in(cast, sign_in, travel):
    pavel = sign_in("pavel")
    add_person(pavel, cast.prison, name="Zora Zástupná", post="referentka", phone="777 222 333")
    deputy = ContactPerson.get(ContactPerson.name == "Zora Zástupná")
    add_person(pavel, cast.prison, name="Jan Pracovní", areas=["employment"], phone="777 111 222",
               deputy=deputy.public_id)
    asked = f"/book/{cast.prison.public_id}?agenda=employment"
    nela = sign_in("nela")
    page = nela.get(asked)
    answer = page.html.split('class="agenda-answer"')[1].split("</dl>")[0]
    assert "Jan Pracovní" in answer and "Zora Zástupná" in answer and "Dita" not in answer
    assert page.html.count('class="agenda-answer"') == 1

    row = ContactPerson.get(ContactPerson.name == "Jan Pracovní")
    end = f"/book/contact/{row.public_id}/end"
    assert pavel.send(end, page=end, on=cast.today.isoformat()).status == 303
    assert "Nikdo" not in sign_in("pavel").get("/").text
    travel.move_to(cast.now + timedelta(days=1))
    nela = sign_in("nela")
    answer = nela.get(asked).html.split('class="agenda-answer"')[1].split("</dl>")[0]
    assert "Zora Zástupná" in answer and "Jan Pracovní" not in answer
    today = sign_in("pavel").get("/").text
    assert "Agendy, které nikdo nemá" in today and "Jan Pracovní" in today and "Zora Zástupná" in today
    assert "Agendy, které nikdo nemá" not in nela.get("/").text

    pavel = sign_in("pavel")
    add_person(pavel, cast.prison, name="Nový Člověk", areas=["employment"])
    assert "Agendy, které nikdo nemá" not in pavel.get("/").text
