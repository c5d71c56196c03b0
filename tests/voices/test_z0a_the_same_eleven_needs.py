"""Z0a: needs, the plan, referrals, consents, the entry, the client's own page and the figures use the same eleven."""
import re

from flask_babel import force_locale

import db
from crypto import token_hash
from labels import label
from models import Need, Prompt
from services import figures
from services.feedback import link_of


def named(html, prefix):
    """The needs for which a form has a field."""
    return set(re.findall(rf'name="{prefix}-([a-z_]+)-state"', html))


def offered(html):
    return set(re.findall(r'value="([a-z_]+)"', html)) & set(Need)


def test_z0a_needs_plan_and_feedback_use_the_same_eleven_categories(app, cast, sign_in, browser):
    kamila, karel = sign_in("kamila"), cast.karel.public_id
    with db.writing():
        Prompt.update(token_hash=token_hash(link_of(cast.prompt))).where(Prompt.id == cast.prompt.id).execute()
    assert len(Need) == 11
    assert named(kamila.get(f"/follow-ups/{cast.prompt.public_id}").html, "needs") == set(Need)
    assert named(browser.get(f"/how-are-you/{link_of(cast.prompt)}").html, "needs") == set(Need)
    assert offered(kamila.get(f"/clients/{karel}/plan/new").html) == set(Need)
    assert offered(kamila.get(f"/clients/{karel}/ask").html) == set(Need)
    figures.freeze()
    table = sign_in("pavel").get("/figures").text.casefold()
    with app.test_request_context(base_url=app.config["BASE_URL"]), force_locale("cs"):
        words = [str(label(need)).casefold() for need in Need]
    assert len(set(words)) == 11 and [word for word in words if word not in table] == []
