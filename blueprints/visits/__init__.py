"""Visits: asking for them, answering, changing. The rooms of this package share one blueprint."""
from flask import Blueprint

blueprint = Blueprint("visits", __name__, url_prefix="/visits")
