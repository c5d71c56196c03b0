"""V38: one needs to co-operate with many bodies: probation, prisons, curators, labour offices, NGOs."""
from tests.support.acts import file_of, gives, part, works_with


def test_v38_the_sheet_lists_five_bodies_with_contact_and_role(sign_in, cast):
    for organisation, worker in ((cast.ngo, cast.nora), (cast.probation, cast.petra),
                                 (cast.other_ngo, cast.strange_ngo)):
        works_with(cast.karel, organisation, worker)
    kamila, sheet = sign_in("kamila"), f"{file_of(cast.karel)}/plan"
    assert part(kamila.get(sheet), "bodies").count("row__title") == 1, "without the client's word one's own"
    gives(sign_in("karel"), cast, cast.municipality, "network")
    bodies = part(kamila.get(sheet), "bodies")
    assert bodies.count("row__title") == 5
    for organisation in (cast.ngo, cast.probation, cast.other_ngo, cast.prison, cast.municipality):
        assert organisation.name in bodies and organisation.email in bodies
    assert cast.petra.name in bodies and "probace" in bodies.casefold() and "věznice" in bodies.casefold()
