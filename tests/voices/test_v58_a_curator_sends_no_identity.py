"""V58: a curator's form to an NGO has no field for who it is; the client brings the code themself. V28: a code only."""
from models import Consent, Membership, Need, Referral
from tests.test_referrals import service


def test_v58_v28_the_client_brings_the_code(cast, sign_in, postbox):
    target, kamila, nela = service(cast.ngo), sign_in("kamila"), sign_in("nela")
    kamila.post(f"/clients/{cast.karel.public_id}/refer", {"service": target.public_id, "request_key": "v58"})
    form = kamila.follow()
    assert not {'name="name"', 'name="channel"', 'name="born"', 'name="contact"'} & set(form.html.split())
    sent = kamila.post(form.path, {"needs": Need.FINANCIAL_SECURITY.value, "level": "2", "step": "send"})
    assert sent.status == 422, "who it is cannot be chosen even by hand"
    assert kamila.post(form.path, {"needs": Need.FINANCIAL_SECURITY.value, "level": "0", "step": "send"}).status == 303
    row = Referral.get()
    postbox.deliver()
    shown = [nela.get(path).html for path in ("/", "/referrals", f"/referrals/{row.public_id}")]
    for text in [*shown, *(mail.as_string() for mail in postbox.mails)]:
        assert cast.karel.code not in text and "Křehký" not in text and cast.karel.public_id not in text
    assert nela.post(f"/referrals/{row.public_id}/accept", {"worker": cast.nela.public_id}).status == 303
    assert not Membership.select().where(Membership.organisation == cast.ngo).exists(), "nobody knows who it is yet"
    assert Consent.select().count() == 0 and nela.get(f"/clients/{cast.karel.public_id}").status == 404
