"""V12: clients work on the same problem with several organisations and block what few places there are."""
from models import Referral, Task
from services import keys
from tests.support.acts import accept, begin_referral, gives, refer, send, service


def served(cast, sign_in):
    """The prison sent Karel to Nela's advisers, Nora took him on."""
    path = refer(sign_in("pavel"), cast.karel, service(cast.ngo))
    accept(sign_in("nela"), path, cast.nora)
    return path


def test_v12_who_may_know_is_told_who_works_on_it_and_goes_on_with_a_reason(cast, sign_in):
    served(cast, sign_in)
    gives(sign_in("karel"), cast, cast.municipality, "network")
    kamila = sign_in("kamila")
    path = begin_referral(kamila, cast.karel, service(cast.other_ngo, "jina"))
    told = send(kamila, path, level="0")
    assert told.status == 422 and cast.ngo.name in told.text
    assert send(kamila, path, level="0", overlap_reason="Jde o jiný dluh.").status == 303
    kept = Referral.get(Referral.public_id == path.split("/")[-1])
    assert kept.state == "sent" and keys.unseal(kept, "overlap_reason", cast.karel) == "Jde o jiný dluh."


def test_v12_without_consent_the_sender_learns_nothing_and_those_who_serve_are_told(cast, sign_in):
    first, kamila = served(cast, sign_in), sign_in("kamila")
    path = refer(kamila, cast.karel, service(cast.other_ngo, "jina"), level="0")
    page = kamila.get(path).text
    assert cast.ngo.name not in page and cast.nora.name not in page
    task = Task.get()
    assert task.owner == cast.nora and task.about == first.split("/")[-1]
    assert "/referrals" in sign_in("nora").get("/").html
    assert "Poradna jina" in sign_in("karel").get("/me/referrals").text


def test_v12_the_answer_is_the_same_as_where_nobody_serves(cast, sign_in):
    """What the sender gets must not tell the two apart."""
    alone = sign_in("strange_curator")
    lone = refer(alone, cast.cyril, service(cast.other_ngo, "cyrilova"), level="0")
    served(cast, sign_in)
    kamila = sign_in("kamila")
    path = begin_referral(kamila, cast.karel, service(cast.other_ngo, "jina"))
    assert send(kamila, path, level="0").status == 303
    there, here = ([each.text for each in browser.get(where).page.all("h2")]
                   for browser, where in ((alone, lone), (kamila, path)))
    assert there == here and here
