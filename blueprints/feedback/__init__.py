"""How people fare after release. The rooms of this package share one blueprint."""
from flask import Blueprint

blueprint = Blueprint("feedback", __name__)
