"""What a file, a register or a person before us wrote as an address becomes a link only where it is one."""
import pytest

import db
from models import FactCheck, FactGroup, Organisation
from services import directory

BAD = ["javascript:alert(1)", "http://[", "https://[::1", "http://a:b@c.cz/", "data:text/html,x", "https://", "a b"]



def links(answer):
    return [each["href"] or "" for each in answer.page.all("a")]


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address_is_a_text_on_every_page(app, cast, sign_in, address):
    with db.writing():
        Organisation.update(web=address).where(Organisation.id == cast.ngo).execute()
        FactCheck.update(source=f"viz {address} a https://example.org/a").where(
            FactCheck.organisation == cast.ngo, FactCheck.group == FactGroup.BASICS).execute()
    page = sign_in("nela").get(f"/book/{cast.ngo.public_id}")
    assert page.status == 200
    assert not [link for link in links(page) if link.strip().lower().startswith(("javascript", "data:", "http://[",
                                                                                     "https://[", "http://a:"))]


def test_a_source_is_shown_by_its_host_and_a_broken_one_whole():
    assert directory.source_pieces("viz http://[ a https://www.example.org/a?b=1") == [
        ("viz ", None), ("http://[", None), (" a ", None), ("example.org", "https://www.example.org/a?b=1")]


def test_an_address_is_a_link(app, cast, sign_in):
    with db.writing():
        Organisation.update(web="https://example.org/x").where(Organisation.id == cast.ngo).execute()
    assert "https://example.org/x" in links(sign_in("nela").get(f"/book/{cast.ngo.public_id}"))
