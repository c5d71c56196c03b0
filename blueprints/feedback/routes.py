"""Follow-ups that are due, the entry of the feedback log, and the rounded figures made of it."""
from flask import Response, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

import formats
from blueprints.feedback import asking, blueprint
from blueprints.feedback.forms import STEP_MEANINGS, FollowUpForm
from blueprints.feedback.tables import choice, of_figures
from db import Mode
from errors import Missing
from exporters import figures as figures_file
from models import MILESTONES, Need, PromptState, Scope
from pages import language
from policy import Can
from services import drafts, feedback, figures
from web import allow, done, refusals, show, show_form

__all__ = ["asking", "blueprint"]  # the other room adds its views as it is loaded
blueprint.add_app_template_global(feedback.course, "course")
blueprint.add_app_template_global(STEP_MEANINGS, "step_meanings")
blueprint.add_app_template_global(figures_file.words, "shown_figure")


@blueprint.route("/follow-ups/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.LOG_FOLLOW_UPS, Mode.WRITES, get=Mode.READS_FILE)
def log(public_id):
    draft = drafts.find(current_user, feedback.FORM, public_id) if request.method == "GET" else None
    form = FollowUpForm(MultiDict(draft)) if draft else FollowUpForm()
    if form.validate_on_submit():
        with refusals(form):
            feedback.log(current_user, public_id, **form.entry())
            return done("feedback.saved", public_id=public_id)
    prompt = feedback.prompt(current_user, public_id)
    file = feedback.open_client(current_user, prompt)
    form.describe(feedback.last_observed(file))
    return show_form("feedback/log.html", form, prompt=prompt, file=file, needs=Need, identity=Scope.IDENTITY,
                     barriers=form.barriers(), restored=draft is not None,
                     answered=prompt.state is PromptState.ANSWERED,
                     done_states=(PromptState.RECORDED, PromptState.NOT_REACHED),
                     events=feedback.open_events(prompt, feedback.Side.WORKER))


@blueprint.post("/follow-ups/<pid:public_id>/draft")
@allow(Can.LOG_FOLLOW_UPS, Mode.WRITES)
def log_draft(public_id):
    """Keeps what is being written: every few seconds by itself, or by the button *Save draft*."""
    feedback.prompt(current_user, public_id)
    draft = drafts.keep(current_user, feedback.FORM, public_id, request.form.to_dict(flat=False))
    if draft is None:
        return _("Draft not saved: it is too long."), 422
    sentence = _("draft saved %(time)s", time=formats.time_of_day(draft.saved_at, language=language()))
    return done("feedback.log", sentence.capitalize(), public_id=public_id) if "by_hand" in request.form else sentence


@blueprint.get("/follow-ups/<pid:public_id>/saved")
@allow(Can.LOG_FOLLOW_UPS, Mode.READS_FILE)
def saved(public_id):
    prompt = feedback.prompt(current_user, public_id)
    file = feedback.open_client(current_user, prompt)
    return show("feedback/saved.html", prompt=prompt, file=file, entries=feedback.versions(current_user, prompt, file),
                planned=feedback.next_planned(prompt), due=feedback.today(current_user))


@blueprint.get("/figures", endpoint="figures")
@allow(Can.SEE_FIGURES)
def figures_page():
    groups, table = figures.groups(current_user), _table()
    return show("feedback/figures.html", table=table, groups=groups, milestones=MILESTONES,
                regions=figures.regions(groups), tables=table and of_figures(table),
                options=table and choice(groups, table.address.get("prison", "")))


@blueprint.get("/figures.csv")
@allow(Can.SEE_FIGURES)
def figures_csv():
    table = _table()
    if table is None:
        raise Missing("figures")
    return Response(figures_file.csv_of(table), mimetype="text/csv", headers={
        "Content-Disposition": f"attachment; filename=navaznost-{table.month:%Y-%m}-{table.milestone}.csv"})


def _table() -> figures.Table | None:
    """Two filters at most: the day, and whose people."""
    return figures.table(current_user, _milestone(), request.args.get("prison"), request.args.get("region"))


def _milestone() -> int:
    """The milestone asked for in the address; 30 days where nothing sensible stands there."""
    wanted = request.args.get("day", "")
    return next((number for number in MILESTONES if str(number) == wanted), 30)
