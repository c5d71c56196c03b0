"""What every page keeps to. `check` is called on each page that any test fetches."""
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RESOURCES = {"link": "href", "script": "src", "img": "src", "source": "src", "use": "href", "iframe": "src",
             "object": "data", "image": "href", "video": "src", "audio": "src", "embed": "src"}
FIELDS = {"input", "select", "textarea"}
NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls")
FOREIGN_HTMX = ("hx-on", "hx-headers", "hx-vals", "hx-delete", "hx-put", "hx-patch", "hx-ext", "data-hx-")
SPACE = " "


@dataclass
class Element:
    """An element with its attributes, its text (spaces joined) and its ancestors' tags."""

    tag: str
    attributes: dict
    above: list["Element"]
    texts: list = field(default_factory=list)

    def __repr__(self):
        return f"<{self.tag} {self.attributes}>"

    def __getitem__(self, name):
        return self.attributes.get(name)

    @property
    def text(self) -> str:
        return SPACE.join(SPACE.join(self.texts).split())

    def within(self, tag: str) -> "Element | None":
        return next((each for each in reversed(self.above) if each.tag == tag), None)


class Page(HTMLParser):
    """A parsed page or fragment: `all(tag)`, `forms`, `text`, `token`."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.html, self.elements, self._open = html, [], []
        self.root = Element("", {}, [])
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes}, list(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self._open and self._open[-1].tag == tag and tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data):
        if any(element.tag in {"script", "style"} for element in self._open):
            return
        for element in [self.root, *self._open]:
            element.texts.append(data)

    def __repr__(self):
        return f"<page {self.heading!r}>"

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def with_class(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in (element["class"] or "").split()]

    def id(self, name: str) -> Element | None:
        return next((element for element in self.elements if element["id"] == name), None)

    def inside(self, parent: Element, *tags: str) -> list[Element]:
        return [element for element in self.all(*tags) if any(each is parent for each in element.above)]

    def form(self, action: str) -> Element | None:
        """The first form with this action (a query after it does not matter)."""
        return next((form for form in self.all("form") if (form["action"] or "").split("?")[0] == action), None)

    def values(self, form: Element) -> dict[str, list[str]]:
        """What a browser would send of a form as it stands (without its buttons)."""
        found = {}
        for element in self.inside(form, *FIELDS):
            for value in self._sent(element):
                found.setdefault(element["name"], []).append(value)
        return found

    def _sent(self, element):
        kind = element["type"] if element.tag == "input" else element.tag
        if not element["name"] or "disabled" in element.attributes or kind in {"submit", "button", "image", "reset"}:
            return []
        if kind in {"radio", "checkbox"}:
            return [element["value"] if element["value"] is not None else "on"] * ("checked" in element.attributes)
        if kind == "select":
            options = self.inside(element, "option")
            chosen = [option for option in options if "selected" in option.attributes]
            return [option["value"] if option["value"] is not None else option.text for option in chosen or options[:1]]
        return ["".join(element.texts).removeprefix("\n") if kind == "textarea" else element["value"] or ""]

    @property
    def text(self) -> str:
        """All visible words, one space between them."""
        return self.root.text

    @property
    def heading(self) -> str:
        return next((element.text for element in self.all("h1")), "")

    @property
    def title(self) -> str:
        return next((element.text for element in self.all("title") if not element.within("svg")), "")

    @property
    def token(self) -> str | None:
        return next((element["value"] for element in self.all("input") if element["name"] == "csrf_token"), None)

    @property
    def whole(self) -> bool:
        return bool(self.all("html"))


def problems(html: str, base_url: str = "") -> list[str]:
    """What is wrong with a page or a fragment, a sentence each."""
    return _looked_at(html, base_url)[1]


@lru_cache(maxsize=64)  # tests that ask for very many pages get the same short one most of the time
def _looked_at(html, base_url):
    """The parsed page, and what is wrong with it."""
    page = Page(html)
    rules = [_ids, _labels, _forms, _htmx, _nothing_inline, lambda page: _own_origin(page, base_url)]
    if page.whole:
        rules += [_heading, _language, _references]
    return page, [problem for rule in rules for problem in rule(page)]


def check(html: str, where: str, base_url: str = "") -> Page:
    """The parsed page; AssertionError with all that is wrong with it."""
    page, found = _looked_at(html, base_url)
    assert not found, f"{where}: " + "; ".join(found)
    return page


def _heading(page):
    if len(page.all("h1")) != 1:
        yield f"{len(page.all('h1'))} elements h1"
    elif not page.heading:
        yield "an empty h1"
    elif not page.title.startswith(page.heading) and not (
            page.with_class("govuk-error-summary") and page.heading in page.title):
        yield f"the title {page.title!r} does not begin with the heading {page.heading!r}"


def _language(page):
    if page.all("html")[0]["lang"] not in {"cs", "en"}:
        yield "no language on <html>"


def _ids(page):
    seen = [element["id"] for element in page.elements if element["id"] is not None]
    for name in sorted({name for name in seen if seen.count(name) > 1}):
        yield f"id {name!r} stands {seen.count(name)} times"


def _references(page):
    ids = {element["id"] for element in page.elements}
    for element in page.elements:
        named = [element["for"]] if element.tag == "label" and element["for"] else []
        named += [name for key in REFERENCES for name in (element[key] or "").split()]
        if element.tag == "a" and (element["href"] or "").startswith("#") and len(element["href"]) > 1:
            named.append(element["href"][1:])
        for name in named:
            if name not in ids:
                yield f"<{element.tag}> points to the id {name!r}, which is not here"


def _labels(page):
    labelled = {label["for"] for label in page.all("label") if label.text}
    for element in page.all(*FIELDS):
        if element.tag == "input" and element["type"] in NO_LABEL:
            continue
        around = element.within("label")
        if not (element["aria-label"] or element["aria-labelledby"] or element["id"] in labelled or around):
            yield f"the field {element['name']!r} has no label"
    for button in page.all("button"):
        if not (button.text or button["aria-label"]):
            yield "a button without a name"


def _forms(page):
    for form in page.all("form"):
        name = f"the form {form['action']!r}"
        if (form["method"] or "").lower() not in {"get", "post"}:
            yield f"{name} has no method"
        if not form["action"]:
            yield f"{name} has no action"
        tokens = [each for each in page.inside(form, "input") if each["name"] == "csrf_token" and each["value"]]
        if (form["method"] or "").lower() == "post" and len(tokens) != 1:
            yield f"{name} has {len(tokens)} tokens"
        if (form["method"] or "").lower() == "get" and tokens:
            yield f"{name} puts its token into the address"


def _htmx(page):
    for element in page.elements:
        for key, tag, plain in (("hx-get", None, None), ("hx-post", "form", "action")):
            if element[key] is None:
                continue
            if tag is None:
                tag, plain = ("form", "action") if element.tag == "form" else ("a", "href")
            if element.tag != tag or element[plain] != element[key]:
                yield f"<{element.tag} {key}={element[key]!r}> is no plain {tag} to the same address"
        for key in element.attributes:
            if key.startswith(FOREIGN_HTMX):
                yield f"<{element.tag}> uses {key}"


def _nothing_inline(page):
    for element in page.elements:
        if element.tag == "style" or (element.tag == "script" and not element["src"]):
            yield f"an inline <{element.tag}>"
        for name, value in element.attributes.items():
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"<{element.tag} {name}=…> is inline"


def _own_origin(page, base_url):
    for element in page.elements:
        address = element[RESOURCES[element.tag]] if element.tag in RESOURCES else None
        if address and not _ours(address, base_url):
            yield f"<{element.tag}> loads {address}"
    for form in page.all("form"):
        if form["action"] and not _ours(form["action"], base_url):
            yield f"a form goes to {form['action']}"


def _ours(address, base_url):
    parts = urlsplit(address)
    return not (parts.scheme or parts.netloc) or (bool(base_url) and address.startswith(base_url + "/"))
