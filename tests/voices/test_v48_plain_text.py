"""V48: service information is hard to understand; the client's text and the professional one stand on one page."""
from models import Service
from tests.support.paper import printed

PLAIN = "Můžete u nás bydlet rok. Platíte nájem."


def test_v48_the_text_for_the_client_stands_beside_the_professional_one(cast, sign_in):
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/service"
    assert nela.send(add, page=add, name="Startovací byty", areas="accommodation", plain=PLAIN).status == 303
    whom = f"/book/service/{Service.get().public_id}/edit/whom"
    assert nela.send(whom, page=whom, for_whom="osoby po výkonu trestu v režimu sociálního bydlení").status == 303
    page = sign_in("petra").get(f"/book/{cast.ngo.public_id}")
    client = page.html.split('class="for-client"')[1].split("</div>")[0]
    assert PLAIN in client and "režimu sociálního" not in client
    assert "režimu sociálního" in page.text
    assert "Čte se snadno" in nela.get(f"/book/service/{Service.get().public_id}/edit/service").text


def test_v48_on_paper_a_service_is_the_clients_text_only(cast, sign_in, chromium):
    """On the screen both stand there; printed, the text in easy words stays alone under the name."""
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/service"
    nela.send(add, page=add, name="Startovací byty", areas="accommodation", plain=PLAIN)
    nela.send(add, page=add, name="Dluhová poradna", areas="debts")
    for row in Service.select():
        whom = f"/book/service/{row.public_id}/edit/whom"
        nela.send(whom, page=whom, for_whom=f"režim sociálního bydlení {row.name}")
    page = printed(chromium, sign_in("petra").get(f"/book/{cast.ngo.public_id}"))
    plain, hard, other = (page.get_by_text(words).first for words in (
        PLAIN, "režim sociálního bydlení Startovací byty", "režim sociálního bydlení Dluhová poradna"))
    assert plain.is_visible() and not hard.is_visible()
    assert other.is_visible(), "where there is no easy text, what there is"
    page.emulate_media(media="screen")
    assert plain.is_visible() and hard.is_visible(), "the control"
    page.close()
