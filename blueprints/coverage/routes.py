"""Coverage: where help reaches, where it does not, and what is done about it."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user

import clock
from blueprints.coverage import lines
from blueprints.coverage.forms import GapForm
from blueprints.coverage.words import (
    CAUSE_WORDS,
    DONE_WORDS,
    EVENTS,
    LEVEL_WORDS,
    SHARE_WORDS,
    STATE_WORDS,
    english,
    pairs,
)
from db import Mode
from exporters import coverage as files
from models import Area, Form, GapState, Need, TargetGroup
from policy import Can, may
from services import coverage
from services.coverage import Event, concentration, gaps, opened, snapshots, unmet
from services.figures import BARRIERS
from web import allow, done, refusals, send, show, show_form

blueprint = Blueprint("coverage", __name__)


# Tables and the map

@blueprint.get("/coverage")
@allow(Can.SEE_BOOK)
def overview():
    asked, common = _asked_of_prisons(), _common()
    table = coverage.table(current_user, **asked)
    return show("coverage/overview.html", table=table, lines=lines.of_prisons(table, common["open_gaps"]), asked=asked,
                areas=list(Area), level_words=LEVEL_WORDS, forms=list(Form), groups=list(TargetGroup), **common)


@blueprint.get("/coverage.csv")
@allow(Can.SEE_BOOK)
def as_csv():
    table = coverage.table(current_user, **_asked_of_prisons())
    return _file("coverage", files.csv_of_table(table, STATE_WORDS, english()))


@blueprint.get("/coverage/regions")
@allow(Can.SEE_BOOK)
def regions():
    asked, common = _asked_of_regions(), _common()
    table = coverage.of_regions(current_user, **asked)
    return show("coverage/regions.html", table=table, lines=lines.of_regions(table, common["open_gaps"], _lacking()),
                asked=asked, needs=list(Need), forms=list(Form), groups=list(TargetGroup), **common)


@blueprint.get("/coverage/regions.csv")
@allow(Can.SEE_BOOK)
def regions_csv():
    table = coverage.of_regions(current_user, **_asked_of_regions())
    return _file("coverage-regions", files.csv_of_regions(table, STATE_WORDS, english(), _lacking()))


@blueprint.get("/coverage/groups")
@allow(Can.SEE_BOOK)
def groups():
    names = {line.code: line.name_en if english() else line.name for line in coverage.of_regions(current_user).lines}
    region = request.args.get("region", "") or next(iter(names), "")
    common, table = _common(), coverage.groups(current_user, region)
    return show("coverage/groups.html", lines=lines.of_groups(table, common["open_gaps"]), region=region, names=names,
                needs=list(Need), **common)


@blueprint.get("/coverage/map")
@allow(Can.SEE_BOOK)
def on_map():
    need, group = _member(Need, "need") or Need.HOUSING, _member(TargetGroup, "group")
    return show("coverage/map.html", places=opened.drawn(current_user, need, group), need=need, group=group,
                needs=list(Need), groups=list(TargetGroup), today=clock.today(), lacking=_lacking(),
                size=coverage.outline.read(), **_common())


@blueprint.get("/coverage/shares")
@allow(Can.SEE_BOOK)
def shares():
    return show("coverage/shares.html", shares=concentration.shares(current_user), words=SHARE_WORDS,
                trend=snapshots.trend(current_user), names=_names_of_shares(), group_of=TargetGroup, **_common())


@blueprint.get("/coverage/shares.csv")
@allow(Can.SEE_BOOK)
def shares_csv():
    content = files.csv_of_shares(concentration.shares(current_user), snapshots.trend(current_user), SHARE_WORDS,
                                  _names_of_shares())
    return _file("coverage-shares", content)


@blueprint.get("/coverage/unmet")
@allow(Can.SEE_UNMET)
def lacking():
    found = unmet.page(current_user)
    return show("coverage/unmet.html", found=found, needs=list(Need), causes=CAUSE_WORDS, barrier_columns=BARRIERS,
                **_common())


@blueprint.get("/coverage/unmet.csv")
@allow(Can.SEE_UNMET)
def lacking_csv():
    return _file("unmet", files.csv_of_unmet(unmet.page(current_user), CAUSE_WORDS, english()))


# One cell, and the gap that somebody reports from it

@blueprint.route("/coverage/prison/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def in_prison(public_id):
    return _cell(coverage.in_prison(current_user, public_id, _member(Area, "area") or Area.SOCIAL_SERVICES))


@blueprint.route("/coverage/region", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def in_region():
    code = request.args.get("region") or coverage.of_regions(current_user).lines[0].code
    return _cell(coverage.in_region(current_user, code, _member(Need, "need") or Need.HOUSING,
                                    _member(TargetGroup, "group")))


def _cell(where):
    form = GapForm()
    form.ask_for(Event.REPORT, gaps.possible_owners(current_user) if may(current_user, Can.KEEP_GAPS) else [])
    if form.validate_on_submit():
        with refusals(form):
            row = gaps.report(current_user, where, form.asked())
            return done("coverage.gap", _("The gap is written down. Working groups see it at their next meeting."),
                        public_id=row.public_id)
    return show_form("coverage/cell.html", form, found=opened.open_cell(current_user, where),
                     today=clock.today(), may_report=may(current_user, Can.KEEP_GAPS), causes=CAUSE_WORDS, **_common())


# Gaps

@blueprint.get("/coverage/gaps")
@allow(Can.KEEP_GAPS)
def all_gaps():
    closed = request.args.get("closed") == "yes"
    return show("coverage/gaps.html", gaps=gaps.every(current_user, closed), closed=closed, name_of=_name_of,
                is_late=gaps.is_late, **_common())


@blueprint.get("/coverage/gaps.csv")
@allow(Can.KEEP_GAPS)
def gaps_csv():
    return _file("gaps", files.csv_of_gaps([*gaps.every(current_user), *gaps.every(current_user, closed=True)],
                                           _name_of))


@blueprint.get("/coverage/gaps/<pid:public_id>")
@allow(Can.KEEP_GAPS)
def gap(public_id):
    found = gaps.one(current_user, public_id)
    return show("coverage/gap.html", found=found, gap=found.row, name=_name_of(found.row), events=EVENTS,
                done_words=DONE_WORDS, state_of=GapState, **_common())


@blueprint.route("/coverage/gaps/<pid:public_id>/<any(" + ",".join(EVENTS) + "):event>", methods=["GET", "POST"])
@allow(Can.KEEP_GAPS, Mode.WRITES)
def advance(public_id, event):
    event, found = Event(event), gaps.one(current_user, public_id)
    form = GapForm(data={"proposal": found.row.proposal, "due_on": found.row.due_on, "version": found.row.version})
    form.ask_for(event, gaps.possible_owners(current_user))
    if form.validate_on_submit():
        with refusals(form):
            gaps.advance(current_user, public_id, event, form.asked())
            return done("coverage.gap", EVENTS[event][2], public_id=public_id)
    heading, consequence, _sentence = EVENTS[event]
    return show_form("coverage/advance.html", form, gap=found.row, event=event, question=heading,
                     consequence=consequence, name=_name_of(found.row))


# What is asked, and words

def _asked_of_prisons() -> dict:
    level = request.args.get("level", "")
    return {"level": level if level in LEVEL_WORDS else "", "region": request.args.get("region", "")[:20],
            **_asked_of_regions()}


def _asked_of_regions() -> dict:
    return {"form": _member(Form, "form"), "group": _member(TargetGroup, "group")}


def _member(kind, name):
    """The member of an enum that the address names; None where it names none."""
    return {member.value: member for member in kind}.get(request.args.get(name, ""))


def _common() -> dict:
    return {"state_words": STATE_WORDS, "english": english(), "open_gaps": gaps.by_cell(current_user),
            "sees_gaps": may(current_user, Can.KEEP_GAPS), "sees_unmet": may(current_user, Can.SEE_UNMET),
            "pairs": pairs}


def _lacking() -> dict:
    """Rows of unmet needs by region, for who sees them."""
    return unmet.latest(current_user).rows if may(current_user, Can.SEE_UNMET) else {}


def _names_of_shares() -> dict:
    names = {line.code: line.name_en if english() else line.name for line in coverage.of_regions(current_user).lines}
    return {**names, **LEVEL_WORDS}


def _name_of(row) -> str:
    return gaps.name_of(coverage.of_gap(row))


def _file(name, content):
    return send(content, "text/csv; charset=utf-8", f"{name}-{clock.today().isoformat()}.csv")
