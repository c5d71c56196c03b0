"""V28: handing over a client needs no sensitive information: a code, a need, a region, a month."""
from models import Referral
from tests.support.acts import accept, file_of, leaves_in, refer, service


def test_v28_who_it_is_stands_in_no_page_mail_or_log_before_acceptance_nor_after_it_without_consent(
        cast, sign_in, postbox):
    pavel, nela, karel = sign_in("pavel"), sign_in("nela"), cast.karel
    leaves_in(karel, 40)
    where = refer(pavel, karel, service(cast.ngo), level="1", release_month="2027-01")
    assert "Křehký" in pavel.get(file_of(karel)).html, "who sends it knows"
    row = Referral.get()
    page = nela.get(where)
    assert karel.code in page.text and "finanční zajištění" in page.text and "leden 2027" in page.text
    assert row.region.name in page.text
    _nowhere(cast, nela, postbox, row)
    accept(nela, where, cast.nela)
    _nowhere(cast, nela, postbox, row)


def _nowhere(cast, reader, postbox, row):
    postbox.deliver()
    pages = [reader.get(path).html for path in ("/", "/referrals", f"/referrals/{row.public_id}", "/clients")]
    mails = [mail.as_string() for mail in postbox.mails]
    assert mails
    for text in pages + mails:
        assert "Křehký" not in text
    assert all(cast.karel.code not in mail for mail in mails)
