"""V47: it is unclear whom services are for; publishing without "for whom" and "not for whom" is refused."""
import pytest

from models import Service


@pytest.mark.parametrize(("values", "missing"), [
    ({}, "for_whom"), ({"for_whom": "dospělí po propuštění"}, "not_for_whom"),
    ({"group_men": "for"}, "not_for_whom"), ({"group_families": "never"}, "for_whom")])
def test_v47_publishing_without_whom_it_is_for_and_not_for_is_refused(cast, sign_in, values, missing):
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/service"
    assert nela.send(add, page=add, name="Startovací byty", areas="accommodation").status == 303
    service = Service.get()
    assert not service.published
    path = f"/book/service/{service.public_id}/edit/whom"
    refused = nela.send(path, page=path, published="y", **values)
    assert refused.status == 422 and f'id="{missing}-error"' in refused.html
    assert not Service.get().published
    whole = {"for_whom": "dospělí po propuštění", "not_for_whom": "nikoho neodmítáme", "published": "y"}
    assert nela.send(path, page=path, **whole).status == 303
    assert Service.get().published
    text = sign_in("petra").get(f"/book/{cast.ngo.public_id}").text
    assert "dospělí po propuštění" in text and "nikoho neodmítáme" in text
