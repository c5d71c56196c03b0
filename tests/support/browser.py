"""A browser without a screen: cookies, forms, tokens, and a look at every page that comes back."""
import contextvars
from dataclasses import dataclass, field

from services import accounts
from tests.support import page as pages

WATCHERS = []  # functions of (answer, name of the reader): what the whole run looks for, such as canaries


@dataclass
class Answer:
    """What came back. `page` is the parsed page (None where it is no HTML), `text` its visible words."""

    status: int
    headers: object = field(repr=False)
    body: bytes = field(repr=False)
    path: str
    page: pages.Page | None

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def text(self) -> str:
        return self.page.text if self.page else self.body.decode(errors="replace")

    @property
    def heading(self) -> str:
        return self.page.heading if self.page else ""

    @property
    def location(self) -> str:
        return self.headers.get("Location") or self.headers.get("HX-Redirect") or ""


class Browser:
    """One person's browser (`name` of the cast, or None). Each request stands for itself, as on a server."""

    def __init__(self, app, cast, name: str | None = None):
        self.app, self.cast, self.name = app, cast, name
        self.base_url = app.config["BASE_URL"]
        self.client = app.test_client()
        self.last, self.token = None, None
        if name:
            self._enter(cast.user(name))

    def _enter(self, user):
        """A session as signing in makes it, without the form (tests/test_account.py goes through the form)."""
        self.session_token = accounts.start_session(user, "tests")
        _apart(self._set_session, self.session_token)

    def _set_session(self, token):
        with self.client.session_transaction(base_url=self.base_url) as session:
            session["_user_id"], session["_fresh"] = token, True

    def get(self, path: str, headers: dict | None = None, method: str = "GET", **options) -> Answer:
        return self._open(path, method=method, headers=headers, **options)

    def fragment(self, path: str, headers: dict | None = None) -> Answer:
        """As htmx asks for a part of a page."""
        return self.get(path, {"HX-Request": "true", **(headers or {})})

    def post(self, path: str, data: dict | None = None, page: str | None = None, headers: dict | None = None,
             fragment: bool = False, token: str | None = "", **options) -> Answer:
        """Sends a form with a token that was seen on `page` (or on any page before); token=None sends none."""
        if page is not None:
            self.get(page)
        filled = dict(data or {})
        if token is not None:
            filled.setdefault("csrf_token", token or self.token or self._find_token())
        headers = {**({"HX-Request": "true"} if fragment else {}), **(headers or {})}
        return self._open(path, method="POST", data=filled, headers=headers, **options)

    def send(self, action: str, page: str | None = None, **changes) -> Answer:
        """Fills in and sends the form with this action on the last page (or on `page`), hidden fields kept."""
        shown = self.get(page) if page is not None else self.last
        form = shown.page.form(action)
        assert form is not None, f"{shown.path} has no form to {action}"
        return self.post(action, {**shown.page.values(form), **changes})

    def follow(self) -> Answer:
        """The page that the last answer leads to."""
        assert self.last.location, f"{self.last.path} answered {self.last.status} and leads nowhere"
        return self.get(self.last.location.removeprefix(self.base_url))

    def _find_token(self):
        last = self.last
        self.get("/help")
        self.last = last
        assert self.token, "no page has shown a token"
        return self.token

    def _open(self, path, **options):
        response = _apart(self.client.open, path, base_url=self.base_url, **options)
        answer = Answer(response.status_code, response.headers, response.get_data(), path, None)
        response.close()
        if response.mimetype == "text/html" and answer.body:
            answer.page = pages.check(answer.html, f"{options['method']} {path} ({answer.status})", self.base_url)
            self.token = answer.page.token or self.token
        for watch in WATCHERS:
            watch(answer, self.name)
        self.last = answer
        return answer


def _apart(work, *args, **kwargs):
    """Runs in an empty context, so that a request finds no application context that a test has open."""
    return contextvars.Context().run(work, *args, **kwargs)
