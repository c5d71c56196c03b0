"""V27: everybody keeps a list of their own; in one book whoever knows better proposes, and its owner decides."""


def test_v27_who_knows_better_proposes_and_the_owner_decides_field_by_field(cast, sign_in):
    petra, path = sign_in("petra"), f"/book/organisation/{cast.ngo.public_id}/correct/contact"
    assert petra.send(path, page=path, phone="605 111 222", web="www.navrat.example", note="Volala jsem.").status == 303
    assert cast.ngo.phone == ""

    nela = sign_in("nela")
    today = nela.get("/")
    assert "Opravy k rozhodnutí" in today.text
    link = next(each for each in today.page.all("a") if "/book/corrections/" in (each["href"] or ""))["href"]
    shown = nela.get(link)
    assert "Petra Pevná" in shown.text and "+420 605 111 222" in shown.text and "Volala jsem." in shown.text
    assert nela.send(link, page=link, take=["phone"], decide="ticked").status == 422
    assert nela.send(link, page=link, take=["phone"], decide="ticked", reason="Web nemáme.").status == 303
    assert (cast.ngo.phone, cast.ngo.web) == ("+420 605 111 222", "")

    petra = sign_in("petra")
    today = petra.get("/")
    assert "Web nemáme." in today.text and "oprava přijata zčásti" in today.text
    assert petra.send(f"{link}/seen", page="/").status == 303
    assert "Web nemáme." not in petra.get("/").text
    assert "Web nemáme." in petra.get(link).text
    assert sign_in("pavel").get(link).status == 404
