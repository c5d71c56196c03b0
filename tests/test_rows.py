"""Rows of kept queries are what Peewee makes of them: the same models with the same values, and nothing to be saved."""
from types import SimpleNamespace

import pytest
from peewee import JOIN, Case, Select, fn

import db
from models import Client, Municipality, Organisation, Place, PrisonProfile, Region, User, UserSession, Window


def flat():
    return User.select()


def with_joins():
    return (User.select(User, Organisation, Region).join(Organisation, JOIN.LEFT_OUTER)
            .join(Region, JOIN.LEFT_OUTER).order_by(User.id))


def with_aliases():
    above = Organisation.alias("above")
    return (Organisation.select(Organisation, PrisonProfile, above, Municipality, fn.LOWER(Organisation.name)
                                .alias("small"), Case(None, [(Organisation.name == "", 1)], 0).alias("bare"))
            .join(PrisonProfile, JOIN.LEFT_OUTER, on=(PrisonProfile.organisation == Organisation.id), attr="profile")
            .join_from(Organisation, above, JOIN.LEFT_OUTER, on=(Organisation.parent == above.id), attr="above")
            .join_from(Organisation, Municipality, JOIN.LEFT_OUTER, attr="town").order_by(Organisation.id))


def far_joined():
    return (Window.select(Window.starts, Window.kind, Place.name, Organisation.name)
            .join(Place).join(Organisation, on=(Place.prison == Organisation.id)))


def only_the_far_end():
    return Client.select(Client.code, Organisation.name).join(Organisation, JOIN.LEFT_OUTER,
                                                              on=(Client.prison == Organisation.id), attr="where")


def in_tuples():
    return Window.select(Window.kind, Window.starts, Window.valid_from, Window.valid_until, Window.place).tuples()


def named():
    return (User.select(User.name, User.role.alias("part"), User.lead, Organisation.kind)
            .join(Organisation, JOIN.LEFT_OUTER).objects(SimpleNamespace))


def both_kinds():
    return User.select(User.name, User.id).union_all(Organisation.select(Organisation.name, Organisation.id)).tuples()


def bare():
    return Select(columns=[User.select(fn.COUNT(User.id)), fn.COALESCE(None, 7)]).tuples().bind(db.database)


def in_dicts():
    return User.select(User.name, User.created_at).dicts()


def sessions():
    return UserSession.select(UserSession, User, Organisation).join(User).join(Organisation, JOIN.LEFT_OUTER)


QUERIES = [flat, with_joins, with_aliases, far_joined, only_the_far_end, in_tuples, named, both_kinds, bare, in_dicts,
           sessions]


def inside(row):
    """All that a row holds, with the rows that hang on it."""
    if not hasattr(row, "__data__"):
        return vars(row) if isinstance(row, SimpleNamespace) else row
    others = {name: value for name, value in vars(row).items() if name not in {"__data__", "__rel__", "_dirty"}}
    return (type(row), row.__data__, row._dirty, {name: inside(each) for name, each in row.__rel__.items()},
            {name: inside(each) for name, each in others.items()})


@pytest.mark.parametrize("build", QUERIES, ids=[each.__name__ for each in QUERIES])
def test_rows_are_what_peewee_makes(cast, sign_in, build):
    sign_in("adam")
    wanted = [inside(row) for row in build()]
    assert wanted
    for _again in range(2):
        found = db.kept(build)
        assert [inside(row) for row in found] == wanted
        assert [type(row) for row in found] == [type(row) for row in build()]
