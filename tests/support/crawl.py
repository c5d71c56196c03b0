"""Every page that a person can open: by links from page to page, and by the application's own list of addresses."""
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urljoin, urlsplit

ID = re.compile(r"(?<=/)[A-Za-z0-9_-]{22}(?=/|$)")
CHOICE = re.compile(r"<any\(([^)]*)\):\w+>")
RULE = re.compile(r"^(\S+)\s+([A-Z, ]*GET[A-Z, ]*?)\s{2,}(/\S*)", re.MULTILINE)
NO_PAGES = {"static", "healthz", "directory.export"}
FILE = re.compile(r"\.\w+$")  # /figures.csv, /favicon.ico
OF_A_KIND = 2  # so many pages of one kind are opened


@dataclass
class Rule:
    """An address of the application: `/visits/<id>/sent`. `of`: the same with all the words it has to choose from."""

    endpoint: str
    pattern: str
    of: str = ""

    def filled(self, pid: str) -> str:
        return self.pattern.replace("<id>", pid)


def rules(listing: str) -> list[Rule]:
    """The addresses that answer GET with a page, from what `flask routes` prints."""
    found = [(endpoint, pattern.replace("<pid:public_id>", "<id>"))
             for endpoint, _methods, pattern in RULE.findall(listing)]
    return [Rule(endpoint, words, pattern) for endpoint, pattern in found
            if endpoint not in NO_PAGES and not FILE.search(pattern) for words in _each_choice(pattern)]


def _each_choice(pattern: str) -> Iterator[str]:
    """`/<any(step,reopen):event>` stands for `/step` and `/reopen`."""
    choice = CHOICE.search(pattern)
    if choice is None:
        yield pattern
        return
    for word in choice[1].split(","):
        yield from _each_choice(pattern[:choice.start()] + word.strip("\"' ") + pattern[choice.end():])


def kind(address: str) -> str:
    """What pages have in common: the path with ids taken out, and the names of what is asked."""
    parts = urlsplit(address)
    asked = "&".join(sorted(parse_qs(parts.query)))
    return ID.sub("<id>", parts.path) + (f"?{asked}" if asked else "")


@dataclass
class Crawl:
    """The addresses still to be opened, a few of each kind; `start` are paths."""

    base: str
    rules: list[Rule]
    waiting: list[str] = field(default_factory=list)
    met: dict = field(default_factory=dict)
    patterns: dict = field(init=False)

    def __post_init__(self):
        self.patterns = {rule.pattern: rule for rule in self.rules}
        self.add(rule.pattern for rule in self.rules if "<" not in rule.pattern)

    def add(self, addresses) -> None:
        """Takes in addresses of this site; what was met, or whose kind was met often enough, is left out."""
        for address in addresses:
            path = urljoin(self.base, address).split("#")[0]
            if not path.startswith(self.base + "/") or not self._is_page(path):
                continue
            seen = self.met.setdefault(kind(path), set())
            if path not in seen and len(seen) < OF_A_KIND:
                seen.add(path)
                self.waiting.append(path)

    def _is_page(self, path):
        return kind(path).split("?")[0] in self.patterns

    def add_siblings(self, address: str) -> None:
        """What the application's list has beside an address with an id: `/visits/…` leads to `/visits/…/sent`."""
        if found := ID.search(urlsplit(address).path):
            before = urlsplit(address).path[:found.start()]
            self.add(rule.filled(found[0]) for rule in self.rules if rule.pattern.startswith(f"{before}<id>"))
