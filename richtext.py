"""Formatted text of users. The only importer of bleach, and the only place that makes Markup of what was typed.

Two independent layers: markdown-it-py escapes HTML instead of passing it on and knows few constructs, then bleach
lets a short list of elements through. Paragraphs, line breaks, bold, italic, lists, quotations and links; no
headings (a page has its own), no images (nothing comes from other servers), no HTML.
"""

from functools import partial

import bleach
from bleach.linkifier import LinkifyFilter
from markdown_it import MarkdownIt
from markupsafe import Markup

__all__ = ["MOST_BYTES", "chosen", "options", "render"]

MOST_BYTES = 20_000
CONSTRUCTS = ["newline", "escape", "entity", "emphasis", "balance_pairs", "list", "blockquote", "link"]
ELEMENTS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}
PROTOCOLS = {"http", "https", "mailto"}
WEB = ("http://", "https://")
REL = "noopener noreferrer nofollow"

markdown = MarkdownIt("zero", {"html": False, "breaks": True}).enable(CONSTRUCTS)


def render(markdown_text):
    """Safe Markup of a Markdown text; what is beyond 20 kB of UTF-8 is left out, so that no page waits for it.

    Links lead by http, https or mailto and never by an address of ours without a host; a typed `https://…`
    becomes a link.
    """
    typed = (markdown_text or "").encode(errors="ignore")[:MOST_BYTES].decode(errors="ignore")
    # a Cleaner keeps the state of its parser, so that threads may not share one
    cleaner = bleach.Cleaner(
        tags=ELEMENTS,
        attributes=_is_allowed,
        protocols=PROTOCOLS,
        strip=True,
        filters=[partial(LinkifyFilter, callbacks=[_safe_link])],
    )
    return Markup(cleaner.clean(markdown.render(typed)))


def _is_allowed(element, attribute, value):
    return element == "a" and attribute == "href" and value.lower().startswith((*WEB, "mailto:"))


def _safe_link(attributes, new=False):
    """Attributes of the link, or None to leave only its text; `new` are addresses found in plain text."""
    href = attributes.get((None, "href"))
    if not href or (new and not attributes["_text"].startswith(WEB)):
        return None
    return {(None, "href"): href, (None, "rel"): REL, "_text": attributes["_text"]}


def options(words):
    """Markup of the options of a select, of `{value: word}`; for those of which there are hundreds."""
    return Markup("\n").join(Markup('<option value="{}">{}</option>').format(*pair) for pair in words.items())


def chosen(written, value):
    """What `options` wrote, with the one of a value chosen."""
    named = Markup('value="{}"').format(value)
    return written.replace(f"{named}>", Markup("{} selected>").format(named), 1)
