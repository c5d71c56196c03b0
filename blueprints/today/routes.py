"""Today: what to do now."""
from flask import Blueprint

from policy import Can
from web import allow, show

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@allow(Can.SIGNED_IN)
def home():
    return show("today/home.html")
