"""V19: people who do not fit a service turn to it; they have wrong information."""
import db
from models import Fit, ServiceCondition, ServiceGroup, TargetGroup
from tests.support.acts import begin_referral, send, service

WORDS = "Potřebuje poradit s dluhy."


def test_v19_never_blocks_with_the_condition_named_and_two_alternatives_keep_what_was_typed(cast, sign_in):
    women = service(cast.ngo, "zeny")
    fits = [service(cast.other_ngo, "vsichni"), service(cast.other_ngo, "i-muzi")]
    with db.writing():
        ServiceGroup.create(service=women, group=TargetGroup.MEN, fit=Fit.NEVER)
    pavel = sign_in("pavel")
    path = begin_referral(pavel, cast.karel, women)
    refused = send(pavel, path, message=WORDS, met_0="no")
    assert refused.status == 422 and "muži" in refused.text
    assert all(each.name in refused.text for each in fits)
    pavel.post(f"{path}/service", {"service": fits[1].public_id})
    assert WORDS in pavel.follow().text
    assert send(pavel, path, message=WORDS).status == 303
    assert WORDS in sign_in("strange_ngo").get(path).text


def test_v19_a_softer_condition_is_named_and_takes_a_reason(cast, sign_in):
    target = service(cast.ngo)
    with db.writing():
        ServiceCondition.create(service=target, position=1, text="bez rozhodnutí o trestu jiného státu")
    pavel = sign_in("pavel")
    path = begin_referral(pavel, cast.karel, target)
    asked = send(pavel, path, met_0="no")
    assert asked.status == 422 and "bez rozhodnutí o trestu jiného státu" in asked.text
    assert send(pavel, path, met_0="no", why_0="Vyřídíme spolu.").status == 303
