"""V26: a template "first contact with a prison" fills names from the book; sending is logged on the co-operation."""
import db
from models import ContactPerson, Cooperation, Outbox

BODY = "Dobrý den, {{contact}},\n\njsem {{sender}}, {{organisation}}. Rádi bychom začali ve {{prison}}."


def test_v26_first_contact_with_a_prison(cast, sign_in, postbox):
    with db.writing():
        ContactPerson.update(email="dita@example.org", post="sociální pracovnice").execute()
    cecilie = sign_in("strange_ngo")
    cecilie.send("/my/templates", page="/my/templates", name="první kontakt s věznicí",
                 subject="Spolupráce: {{organisation}}", body=BODY)
    page = f"/my/write/{cast.prison.public_id}"
    assert page in cecilie.get(f"/book/{cast.prison.public_id}").html
    filled = cecilie.get(page)
    for name in ("Dita Dluhová", "Cecílie Cizí", "Ukázkový spolek Čtvrtá šance", "Ukázková věznice Horní Lhota"):
        assert name in filled.html
    assert "{{" not in filled.html and "Odesláním začne spolupráce" in filled.text
    form = next(form for form in filled.page.all("form") if form["action"] == page and form["method"] == "post")
    assert cecilie.post(page, filled.page.values(form)).status == 303
    (mail,) = [mail for mail in postbox.deliver() if mail["To"] == "dita@example.org"]
    assert mail["Subject"] == "Spolupráce: Ukázkový spolek Čtvrtá šance"
    assert mail["Reply-To"] == "strange_ngo@example.org" and "Dobrý den, Dita Dluhová" in mail.get_content()
    row = Cooperation.get(Cooperation.organisation == cast.other_ngo, Cooperation.prison == cast.prison)
    record = cecilie.get(f"/cooperation/{row.public_id}")
    assert "odeslán e-mail: Spolupráce: Ukázkový spolek Čtvrtá šance – Dita Dluhová" in record.text
    assert Outbox.select().where(Outbox.recipient == "dita@example.org").count() == 1
