"""What people of the cast do through the pages, for scenarios: consent, plan, referral, the day of release."""
from datetime import timedelta

import clock
import db
from models import Client, Confidence, Membership, Need, PlanItem, Referral, Service, ServiceNeed
from tests.support.browser import Browser
from tests.test_consents import agree, prepare


def file_of(client: Client) -> str:
    return f"/clients/{client.public_id}"


def gives(karel: Browser, cast, organisation, *scopes, **changes) -> None:
    """Karel agrees in his own app, alone."""
    answer = agree(karel, prepare(karel, cast, *scopes, organisation=organisation.public_id, **changes))
    assert answer.status == 303


def works_with(client: Client, organisation, worker) -> None:
    """An organisation that works with the client on its own."""
    with db.writing():
        Membership.create(client=client, organisation=organisation, worker=worker)


def service(organisation, slug="dluhy", need=Need.FINANCIAL_SECURITY, **columns) -> Service:
    with db.writing():
        row = Service.create(organisation=organisation, slug=slug, name=f"Poradna {slug}", sort=slug,
                             confidence=Confidence.VERIFIED, **columns)
        ServiceNeed.create(service=row, need=need)
        return row


def begin_referral(browser: Browser, client: Client, target: Service) -> str:
    """Its address."""
    answer = browser.post(f"{file_of(client)}/refer", {"service": target.public_id, "request_key": target.slug})
    assert answer.status == 303
    return browser.follow().path.removesuffix("/edit")


def refer(browser: Browser, client: Client, target: Service, **typed) -> str:
    """Begun and sent; its address."""
    path = begin_referral(browser, client, target)
    answer = send(browser, path, **typed)
    assert answer.status == 303, answer.text
    return path


def send(browser: Browser, path: str, **typed):
    return browser.post(f"{path}/edit", {"needs": "financial_security", "level": "1", "step": "send", **typed})


def accept(browser: Browser, path: str, worker) -> None:
    assert browser.post(f"{path}/accept", {"worker": worker.public_id}).status == 303
    assert Referral.get(Referral.public_id == path.split("/")[-1]).worker == worker


def plan(browser: Browser, client: Client, **changes) -> PlanItem:
    """An item of the plan, new."""
    where = f"{file_of(client)}/plan/new"
    data = {"sheet": "plan", "need": "work", "what": "Najít práci.", "who": "", "state": "open", **changes}
    assert browser.post(where, data, page=where).status == 303
    return PlanItem.select().order_by(PlanItem.id.desc()).get()


def fills_sheet(browser: Browser, client: Client, sheet: str, **texts) -> None:
    """Prepares a sheet with the usual items and fills in those named."""
    where = f"{file_of(client)}/plan"
    assert browser.post(f"{where}/{sheet}", {}, page=where).status == 303
    for key, words in texts.items():
        row = PlanItem.get(PlanItem.key == key, PlanItem.sheet == sheet)
        item = f"/plan-items/{row.public_id}"
        answer = browser.post(item, {"sheet": sheet, "need": row.need, "what": words, "state": "open",
                                     "version": row.version}, page=item)
        assert answer.status == 303


def leaves_in(client: Client, days: int, released: bool = False) -> None:
    day = clock.today() + timedelta(days=days)
    with db.writing():
        Client.update(planned_release_on=day, released_on=day if released else None).where(
            Client.id == client.id).execute()


def part(answer, name: str) -> str:
    """A section of a page, by the id of its heading."""
    return answer.html.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]
