"""V48: service information is hard to understand; the client's text and the professional one stand on one page."""
from models import Service

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
