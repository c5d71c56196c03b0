"""V43: "We search the internet, the register of social services, our branch network…" The register comes in."""
import io
import json

from models import Organisation, RegisterRecord, Service
from services import import_jobs
from tests.test_importing import item, register


def sent(browser, content, name="rpss.json"):
    """The address of the import of a file sent on its page."""
    token = browser.get("/imports").page.token
    browser.post("/imports/send", {"file": (io.BytesIO(content), name), "csrf_token": token},
                 content_type="multipart/form-data")
    here = browser.last.location
    import_jobs.work_due()
    return here


def test_v43_the_register_changes_two_capacities_and_shows_who_is_absent(app, cast, sign_in):
    kora = sign_in("kora")
    services = [item(9900001, "27082440", "Spolek Jedna", "33", 10),
                item(9900002, "27082440", "Spolek Jedna", "20", 24),
                item(9900003, "45274649", "Spolek Dva", "22", 40)]
    first = sent(kora, register(*services))
    kora.send(f"{first}/confirm", page=first)
    import_jobs.work_due()
    assert Organisation.select().where(Organisation.name.startswith("Spolek")).count() == 2

    services[0]["formy"][0]["kapacity"][0]["pocet"] = 12
    services[1]["formy"][0]["kapacity"][0]["pocet"] = 30
    second = sent(kora, register(*services[:2]))
    shown = kora.get(f"{second}?fate=changed").text
    assert "10 → 12" in shown and "24 → 30" in shown
    assert Service.get(slug="rpss-9900001").places_total == 10
    kora.send(f"{second}/confirm", page=second)
    import_jobs.work_due()
    assert [Service.get(slug=f"rpss-990000{n}").places_total for n in (1, 2)] == [12, 30]
    done = kora.get(second).text
    assert "Spolek Dva" in done and "v registru není" in done
    assert RegisterRecord.get(number="9900003").missing_at is not None


def test_v43_the_same_from_the_command(app, tmp_path):
    file = tmp_path / "rpss.json"
    file.write_bytes(register(item(places=10), item(9900002, places=5)))
    run = app.test_cli_runner().invoke
    run(args=["import-organisations", str(file)])
    file.write_bytes(register(item(places=11), item(9900002, places=6)))
    counts = json.loads(run(args=["import-organisations", str(file), "--dry-run"]).output.strip().splitlines()[-1])
    assert counts["services"]["changed"] == 2 and counts["organisations"]["unchanged"] == 1
