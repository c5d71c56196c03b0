"""Z4a: six prisons and two towns, 600 people in four regions; group and individual sessions."""
from datetime import timedelta

import clock
from models import ProgrammeTarget
from services import programmes
from tests.support.acts import works_with
from tests.voices.test_v04_v41_programmes_end import enrol, programme, where


def target(browser, row, name, people, parent="") -> str:
    """Its public id."""
    whole = ProgrammeTarget.get(ProgrammeTarget.name == parent).public_id if parent else ""
    data = {"name": name, "people": str(people), "parent": whole}
    assert browser.post(where(row, "/targets"), data, page=where(row, "/targets")).status == 303
    return ProgrammeTarget.get(ProgrammeTarget.name == name).public_id


def planned(nela):
    row = programme(nela, 700, code="ZJ", name="Zpátky, jinak")
    target(nela, row, "Celkem", 600)
    target(nela, row, "Ve věznicích", 480, "Celkem")
    target(nela, row, "Po propuštění", 120, "Celkem")
    for name, people in (("Pardubický kraj", 160), ("Liberecký kraj", 80), ("Královéhradecký kraj", 80)):
        target(nela, row, name, people, "Ve věznicích")
    return row


def test_z4a_a_sum_that_does_not_fit_is_named(cast, sign_in):
    nela = sign_in("nela")
    row = planned(nela)
    page = nela.get(where(row)).text
    assert "320" in page and "480" in page and "Součet nesedí" in page
    target(nela, row, "Středočeský kraj", 160, "Ve věznicích")
    assert "Součet nesedí" not in nela.get(where(row)).text


def test_z4a_real_people_are_exact_for_who_runs_it_and_rounded_for_others(cast, sign_in, travel):
    nela = sign_in("nela")
    row = planned(nela)
    home = target(nela, row, "Středočeský kraj", 160, "Ve věznicích")
    site = {"prison": cast.prison.public_id, "target": home}
    assert nela.post(where(row, "/sites"), site, page=where(row, "/sites")).status == 303
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    cells = {each.name: each.number for each in programmes.page(cast.nela, row.public_id).targets}
    assert cells["Středočeský kraj"] == cells["Ve věznicích"] == cells["Celkem"] == 1 and cells["Liberecký kraj"] == 0
    others = programmes.page(cast.kora, row.public_id)
    assert {each.number for each in others.targets} == {None}, "nothing before a month is over"
    travel.shift(timedelta(days=40))
    assert programmes.freeze_due() == 1 and programmes.freeze_due() == 0
    shown = {each.name: each.number for each in programmes.page(cast.kora, row.public_id).targets}
    assert set(shown.values()) == {-1}, "one person is fewer than five"
    assert "&lt; 5" in sign_in("kora").get(where(row)).html


def test_z4a_sessions_are_of_groups_or_single_people_with_attendance(cast, sign_in):
    nela = sign_in("nela")
    row = planned(nela)
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    held = {"day": str(clock.today()), "at": "08:00", "minutes": "90", "group": "group", "topic": "Dluhy"}
    assert nela.post(where(row, "/sessions"), held, page=where(row, "/sessions")).status == 303
    listed = programmes.sessions_of(cast.nela, row.public_id)
    one = f"/programmes/sessions/{listed[0].session.public_id}"
    person = programmes.attendance_of(cast.nela, listed[0].session)[0][0]
    assert cast.karel.code in nela.get(one).text
    came = {"came": person.public_id, "others": "6"}
    assert nela.post(one, came, page=one).status == 303
    assert programmes.sessions_of(cast.nela, row.public_id)[0].came == 7
    assert nela.post(one, {"came": "", "others": "2"}, page=one).status == 303
    assert programmes.sessions_of(cast.nela, row.public_id)[0].came == 2, "written again, the last holds"


def test_z4a_a_target_goes_with_its_parts_only_when_that_was_confirmed(cast, sign_in):
    nela = sign_in("nela")
    row = planned(nela)
    gone = where(row, f"/remove/target/{ProgrammeTarget.get(ProgrammeTarget.name == 'Ve věznicích').public_id}")
    assert "3 jeho části" in nela.get(gone).text.replace("\xa0", " ") and ProgrammeTarget.select().count() == 6
    assert sign_in("strange_ngo").get(gone).status == 404
    assert nela.post(gone, {}, page=gone).status == 303
    assert {each.name for each in ProgrammeTarget.select()} == {"Celkem", "Po propuštění"}
    assert nela.get(gone).status == 404
