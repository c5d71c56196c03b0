"""V07: the process differs in every prison. The same NGO sees five steps in one and eight in the other."""

FIVE = ["zájem písemně", "bezpečnostní prověrka", "školení o režimu", "dohoda", "průkazy"]
EIGHT = ["žádost", "stanovy", "výpis z rejstříku", "prověrka", "plán návštěv", "smlouva", "školení", "vstupní seznam"]


def write_checklist(browser, names):
    """Each step with its own document and who signs it."""
    for number, name in enumerate(names, 1):
        answer = browser.send("/cooperation/checklist", page="/cooperation/checklist", name=name,
                              document=f"formulář č. {number}", signatory=f"podpis {name}", limit_days="10",
                              turn="organisation" if number % 2 else "prison")
        assert answer.status == 303


def start(browser, prison):
    page = f"/cooperation/start/{prison.public_id}"
    shown = browser.get(page)
    browser.send(page, about="Dluhové poradenství", event="start")
    return shown, browser.follow()


def test_v07_five_steps_in_one_prison_and_eight_in_the_other(cast, sign_in):
    write_checklist(sign_in("pavel"), FIVE)
    write_checklist(sign_in("strange_prison"), EIGHT)
    cecilie = sign_in("strange_ngo")
    for prison, names, count in ((cast.prison, FIVE, "5 kroků"), (cast.other_prison, EIGHT, "8 kroků")):
        before, record = start(cecilie, prison)
        assert f"{count}. Zkopírují se vám" in before.text and f"{count} této věznice" in record.text
        for number, name in enumerate(names, 1):
            told = f"{name} doklad: formulář č. {number} podepisuje: podpis {name}"
            assert told in " ".join(record.text.split()), told
