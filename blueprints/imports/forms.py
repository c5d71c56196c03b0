"""Sending a file, saying which column is what, confirming."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField

from choices import of_pairs
from services import imports

NOTHING = "-"


class SendForm(FlaskForm):
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    only_useful = BooleanField(
        _l("From the register only services that help after prison"),
        description=_l("Leaves out care for the elderly and the like. Has no effect on other files."))


class ConfirmForm(FlaskForm):
    leave_out = BooleanField(_l("Leave out the rows that are wrong"))


def columns_form(look: dict) -> FlaskForm:
    """A form with a choice of field for each column of a table, filled in with our guess or what was chosen before."""
    choices = of_pairs([(NOTHING, _l("leave out")), *imports.field_choices()])
    fields = {f"column_{number}": SelectField(name or _l("column %(number)s", number=number + 1), choices=choices,
                                              default=look["mapping"].get(name, NOTHING))
              for number, name in enumerate(look["header"])}
    return type("ColumnsForm", (FlaskForm,), fields)()


def mapping_of(form, look: dict) -> dict[str, str]:
    """`{column: field}` of a sent form."""
    chosen = {name: form[f"column_{number}"].data for number, name in enumerate(look["header"]) if name}
    return {name: field for name, field in chosen.items() if field != NOTHING}
