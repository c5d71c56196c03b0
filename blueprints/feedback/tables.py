"""The tables of figures as HTML, kept while they are the same: their numbers change once a month."""
from functools import lru_cache

from flask import current_app
from flask_babel import get_locale

from exporters import figures as figures_file
from labels import label
from services import figures

MOST_KEPT = 50


def of_figures(table: figures.Table) -> str:
    """Markup."""
    return _of_figures(table, get_locale().language)


def choice(groups: list, chosen: str) -> str:
    """The options of a list of organisations, markup."""
    return _choice(tuple((each.public_id, each.name) for each in groups), chosen)


@lru_cache(MOST_KEPT)
def _choice(groups, chosen):
    return current_app.jinja_env.get_template("feedback/_figures.html").module.options(groups, chosen)


@lru_cache(MOST_KEPT)
def _of_figures(table, _language):
    macros = current_app.jinja_env.get_template("feedback/_figures.html").module
    return macros.tables(table, figures.STATES, [str(label(each)) for each in figures.STATES],
                         figures_file.parts_of(table))
