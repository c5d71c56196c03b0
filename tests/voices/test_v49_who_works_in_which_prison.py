"""V49: which organisation works in which prison: with form, day and contact; ended ones are gone the next day."""
from datetime import timedelta

from models import PrisonWork


def test_v49_a_prisons_page_lists_who_works_there_and_drops_the_ended_next_day(cast, sign_in, travel):
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/prison_work"
    assert nela.send(add, page=add, prison=cast.prison.public_id, activity="Dluhová poradna", form="on_site",
                     days="každé úterý", areas=["debts"]).status == 303
    page = sign_in("petra").get(f"/book/{cast.prison.public_id}")
    row = page.html.split('id="prison_work-')[1].split("</li>")[0]
    for said in (cast.ngo.name, "každé úterý", "ve věznici", f"/book/{cast.ngo.public_id}"):
        assert said in row, said

    work = PrisonWork.get()
    end = f"/book/prison_work/{work.public_id}/end"
    assert nela.send(end, page=end, on=cast.today.isoformat()).status == 303
    assert "ukončená činnost" not in sign_in("petra").get(f"/book/{cast.prison.public_id}").text
    travel.move_to(cast.now + timedelta(days=1))
    page = sign_in("petra").get(f"/book/{cast.prison.public_id}")
    assert page.html.index("<summary>1 ") < page.html.index("Dluhová poradna")
