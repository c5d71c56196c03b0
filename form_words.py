"""What forms say by themselves, in our words: the Czech of WTForms is not whole."""
from flask_babel import gettext as _
from flask_babel import ngettext


def of_wtforms(number: int = 1) -> list[str]:
    """The messages of WTForms that our forms can come to say, named here so that they are found for translation."""
    return [
        _("This field is required."),
        _("Not a valid choice."),
        _("Invalid Choice: could not coerce."),
        _("Invalid choice(s): one or more data inputs could not be coerced."),
        ngettext("'%(value)s' is not a valid choice for this field.",
                 "'%(value)s' are not valid choices for this field.", number, value=""),
        _("Not a valid date value."),
        _("Not a valid time value."),
        _("Not a valid datetime value."),
        _("Not a valid integer value."),
        _("Not a valid float value."),
        _("Not a valid decimal value."),
        _("Invalid input."),
        ngettext("Field cannot be longer than %(max)d character.",
                 "Field cannot be longer than %(max)d characters.", number, max=number),
        ngettext("Field must be at least %(min)d character long.",
                 "Field must be at least %(min)d characters long.", number, min=number),
        _("Field must be between %(min)d and %(max)d characters long.", min=1, max=2),
        _("Number must be at least %(min)s.", min=1),
        _("Number must be at most %(max)s.", max=1),
        _("Number must be between %(min)s and %(max)s.", min=1, max=2),
    ]
