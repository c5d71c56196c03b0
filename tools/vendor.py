"""Fetch the browser files we serve from the npm registry and write them to static/vendor/.

Run by a developer, never by the app: ``python tools/vendor.py``. Needs ``npm``, and ``uv`` to cut two fonts.
Every package is pinned by version and by the sha256 of its archive; a different archive stops the run.
What is written, from where and under which licence is listed in static/vendor/VENDOR.txt.

GOV.UK Frontend is not served whole: its typeface and crest may be used on gov.uk only, so they go, and so do
the components we have no page for, its print rules (ours are in theme.css) and rules for Internet Explorer.
"""
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
LICENCES = VENDOR / "licences"

PACKAGES = {
    "htmx.org@2.0.11": ("0BSD", "165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e"),
    "govuk-frontend@6.6.0": ("MIT", "52c4eb554e54d8a6e4ba801e9da5ec3a5b930fd2f117a39677f0b6296e954751"),
    "@fontsource/source-sans-3@5.3.1":
        ("OFL-1.1", "b598201d980b3512805bbea186aab8ef91590d59990e6a13c90e030b6ff37881"),
    "lucide-static@1.62.0": ("ISC", "386f9080c440d6f5049cefe3456ae8357f7a0c7f76e59670cd1cb83bc7050a44"),
    "axe-core@4.14.1": ("MPL-2.0", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"),
}
HTMX, GOVUK, FONT, LUCIDE, AXE = PACKAGES

# Components of GOV.UK that our templates use; a selector that names any other class is dropped.
KEPT_COMPONENTS = {
    "template", "template__body", "width-container", "main-wrapper", "grid-row",
    "grid-column-one-third", "grid-column-one-half", "grid-column-two-thirds", "grid-column-full",
    "link", "heading-xl", "heading-l", "heading-m", "heading-s", "caption-l", "caption-m", "body",
    "body-l", "body-m", "body-s", "list", "section-break", "back-link", "button", "button-group",
    "checkboxes", "radios", "date-input", "details", "error-message", "error-summary", "fieldset",
    "form-group", "hint", "input", "inset-text", "label", "notification-banner", "panel", "select",
    "skip-link", "summary-list", "textarea", "visually-hidden", "warning-text",
}
# Spacing and width helpers: only the handful a template may need.
KEPT_HELPERS = re.compile(r"!-(margin-(top|bottom)-[0-9]|width-(full|two-thirds|one-half|one-third))$")

# Letters of the Czech, Slovak, Polish, Hungarian, Slovenian and Croatian alphabets outside of latin:
# a page that shows no other letter never loads the whole latin-ext file (33 kB a weight).
CENTRAL_EUROPEAN = ("U+0102-0107,U+010C-0111,U+0118-011B,U+0139-013A,U+013D-013E,U+0141-0144,U+0147-0148,"
                    "U+0150-0151,U+0154-0155,U+0158-015B,U+0160-0161,U+0164-0165,U+016E-0171,U+0179-017E")
REST_OF_LATIN_EXT = ("U+0100-0101,U+0108-010B,U+0112-0117,U+011C-0138,U+013B-013C,U+013F-0140,U+0145-0146,"
                     "U+0149-014F,U+0156-0157,U+015C-015F,U+0162-0163,U+0166-016D,U+0172-0178,U+017F-02BA,"
                     "U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EA0-1EFF,"
                     "U+20A0-20AB,U+20AD-20C4,U+2113,U+2C60-2C7F,U+A720-A7FF")
LATIN = ("U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
         "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD")
# The cut font keeps its copyright and licence (0, 13, 14) and gives up its name, which the licence reserves.
SUBSET = ("--from", "fonttools==4.68.0", "--with", "brotli==1.2.1", "pyftsubset")

ICONS = (
    "arrow-left", "bell", "building-2", "calendar", "calendar-check", "chart-column", "check",
    "chevron-right", "circle", "circle-dashed", "clock", "download", "eye", "file-text", "hand-helping",
    "id-card", "info", "lock", "lock-open", "log-out", "mail", "map-pin", "pencil", "phone", "plus",
    "printer", "search", "shield-check", "triangle-alert", "undo-2", "user", "users", "x",
)
# Ours: the sign of the house, two arcs that join in one point; static/sign.svg is the same for a tab.
SIGN = ('<symbol id="sign" viewBox="0 0 32 24"><path d="M2 18a9.5 9.5 0 0 1 14-6"/>'
        '<path d="M16 12a9.5 9.5 0 0 0 14-6"/><circle cx="16" cy="12" r="2.4" fill="currentColor"/></symbol>')


def main():
    """Fetch, check, transform and list everything; leaves nothing half-written in the listing on failure."""
    with tempfile.TemporaryDirectory() as folder:
        sources = {package: fetch(package, Path(folder)) for package in PACKAGES}
        for part in (VENDOR / "fonts", LICENCES, ROOT / "tests" / "vendor"):
            part.mkdir(parents=True, exist_ok=True)
        written = [*copy_scripts(sources), *write_fonts(sources[FONT])]
        written += [write_css(sources[GOVUK]), write_icons(sources[LUCIDE])]
        copy_licences(sources)
    write_listing(written)


def fetch(package, folder):
    """Return the unpacked folder of `package`; exit when its archive is not the one we pinned."""
    place = folder / re.sub(r"\W", "-", package)
    place.mkdir()
    answer = subprocess.run(["npm", "pack", package, "--json", "--silent"], cwd=place, check=True,
                            capture_output=True, text=True)
    archive = place / json.loads(answer.stdout)[0]["filename"].replace("@", "").replace("/", "-")
    found = sha256(archive)
    if found != PACKAGES[package][1]:
        sys.exit(f"{package}: the archive has sha256 {found}, not the pinned one; nothing was written")
    with tarfile.open(archive) as tar:
        tar.extractall(place, filter="data")
    return place / "package"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_scripts(sources):
    yield copy(sources[HTMX] / "dist" / "htmx.min.js", VENDOR / "htmx.min.js", HTMX)
    yield copy(sources[AXE] / "axe.min.js", ROOT / "tests" / "vendor" / "axe.min.js", AXE)


def copy(source, target, package):
    """Copy one file; return its line for the listing: (path, package, what was done)."""
    shutil.copyfile(source, target)
    return target, package, "as published"


def write_fonts(source):
    """Write three files a weight: latin, latin-ext, and the central European letters cut from latin-ext."""
    for weight in (400, 700):
        published = {part: source / "files" / f"source-sans-3-{part}-{weight}-normal.woff2"
                     for part in ("latin", "latin-ext")}
        for part, file in published.items():
            yield copy(file, VENDOR / "fonts" / f"{part}-{weight}.woff2", FONT)
        yield cut(published["latin-ext"], VENDOR / "fonts" / f"central-european-{weight}.woff2")


def cut(source, target):
    beside_python = Path(sys.executable).parent / "uvx"
    uvx = beside_python if beside_python.exists() else "uvx"
    subprocess.run([uvx, *SUBSET, str(source), f"--unicodes={CENTRAL_EUROPEAN}", "--flavor=woff2",
                    "--layout-features=*", "--name-IDs=0,13,14", f"--output-file={target}"], check=True)
    return target, FONT, "cut from latin-ext, without its reserved name"


def write_css(source):
    css = (source / "dist" / "govuk" / "govuk-frontend.min.css").read_text(encoding="utf-8")
    target = VENDOR / "govuk.css"
    target.write_text(font_faces() + prune(css) + "\n", encoding="utf-8")
    return target, GOVUK, "without typeface, crest, print, unused components; our @font-face added"


def font_faces():
    """The @font-face rules; addresses carry a fingerprint, as static_url() gives, so that preloads match."""
    parts = (("latin", LATIN), ("central-european", CENTRAL_EUROPEAN), ("latin-ext", REST_OF_LATIN_EXT))
    return "".join(font_face(part, letters, weight) for weight in (400, 700) for part, letters in parts)


def font_face(part, letters, weight):
    file = f"fonts/{part}-{weight}.woff2"
    mark = sha256(VENDOR / file)[:12]
    return (f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};font-display:swap;'
            f'src:url({file}?v={mark}) format("woff2");unicode-range:{letters}}}\n')


def prune(css):
    """Return GOV.UK's stylesheet without what we may not or do not use, under the name of our typeface."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S).removeprefix('@charset "UTF-8";')
    css = css.replace("GDS Transport,arial,sans-serif", '"Source Sans 3",arial,sans-serif')
    kept = "".join(kept_rules(css))
    if "url(" in kept or "GDS" in kept:
        sys.exit("the pruned stylesheet still names an asset of GOV.UK")
    return merged(kept)


def kept_rules(css):
    """Yield the rules of `css` that stay; a block of a media query stays when something in it does."""
    for head, body in blocks(css):
        if head.startswith("@font-face") or unused_condition(head):
            continue
        if head.startswith("@"):
            inner = "".join(kept_rules(body))
            if inner:
                yield f"{head}{{{inner}}}"
        else:
            yield from kept_rule(head, body)


def blocks(css):
    """Yield (head, body) of each top-level block of minified CSS; no string in it holds a brace."""
    position = 0
    while (opening := css.find("{", position)) != -1:
        closing = matching_brace(css, opening)
        yield css[position:opening].strip(), css[opening + 1:closing]
        position = closing + 1


def matching_brace(css, opening):
    depth = 0
    for match in re.finditer(r"[{}]", css[opening:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return opening + match.start()
    sys.exit("unbalanced braces in the stylesheet")


def unused_condition(head):
    """Print has its own sheet; the rest are hacks for browsers that cannot run the page's scripts anyway."""
    return head.startswith("@") and re.search(r"print|-ms-|\\0|not \(", head)


def kept_rule(head, body):
    selectors = [one for one in head.split(",") if one == ":root" or all(map(kept_class, classes(one)))]
    smoothing = ("-webkit-font-", "-moz-osx-font-")
    body = ";".join(line for line in body.split(";") if not line.startswith(smoothing))
    if selectors and body:
        yield f"{','.join(selectors)}{{{body}}}"


def classes(selector):
    return re.findall(r"\.((?:\\.|[\w-])+)", selector)


def kept_class(name):
    name = name.replace("\\", "").removeprefix("govuk-")
    component = name.split("__")[0].split("--")[0]
    return component in KEPT_COMPONENTS or KEPT_HELPERS.match(name) or name == ":focus"


def merged(css):
    """Join neighbouring blocks that have one head: GOV.UK's mixins leave hundreds of them."""
    heads, bodies = [], []
    for head, body in blocks(css):
        if heads and heads[-1] == head:
            bodies[-1] += body if head.startswith("@") else f";{body}"
        else:
            heads.append(head)
            bodies.append(body)
    return "\n".join(f"{head}{{{body}}}" for head, body in zip(heads, bodies, strict=True))


def write_icons(source):
    """Join the chosen icons into one sprite; strokes and colours come from the class `icon` of theme.css."""
    symbols = "".join(symbol(name, source / "icons" / f"{name}.svg") for name in sorted(ICONS))
    target = ROOT / "static" / "icons.svg"
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{SIGN}{symbols}</svg>\n', encoding="utf-8")
    return target, LUCIDE, f"{len(ICONS)} icons joined; the symbol `sign` is ours"


def symbol(name, file):
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(encoding="utf-8"), re.S).group(1)
    joined = re.sub(r"\s*\n\s*", "", shapes)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{joined}</symbol>'


def copy_licences(sources):
    """GOV.UK's archive holds no licence text, so licences/govuk-frontend.txt is kept by hand."""
    for package, name in ((HTMX, "htmx"), (FONT, "source-sans-3"), (LUCIDE, "lucide")):
        shutil.copyfile(sources[package] / "LICENSE", LICENCES / f"{name}.txt")
    shutil.copyfile(sources[AXE] / "LICENSE", ROOT / "tests" / "vendor" / "axe-LICENSE.txt")


def write_listing(written):
    lines = ["Written by tools/vendor.py; do not edit. file | source | licence | what was done | sha256", ""]
    lines += sorted(" | ".join((str(path.relative_to(ROOT)), f"npm {package}", PACKAGES[package][0], done,
                                sha256(path))) for path, package, done in written)
    (VENDOR / "VENDOR.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
