"""A figure: one number with its target and its control, printed as one line of JSON with `--figures`."""
import json

import pytest


def record(request):
    """The function that tests call: `figure("fig-H1 …", value, unit, n, target, ok, control)`.

    `n` is how much it ran on; `control` says what the same measure gave with the protection taken away, or is
    False where that run did not fail. `ok` may be left out where the target is 0 and the value must be that.
    """
    def figure(name, value, unit, n, target=0, ok=None, control=None):
        ok = value == target if ok is None else ok
        good = bool(ok and n > 0 and control)
        engine = getattr(getattr(request.node, "callspec", None), "params", {}).get("engine")
        line = {"name": f"{name} ({engine})" if engine else name, "value": value, "unit": unit, "n": n,
                "target": target, "ok": good, "control": control}
        request.node.user_properties.append(("figure", json.dumps(line, ensure_ascii=False)))
        assert n > 0, f"{name} ran on nothing"
        assert ok, f"{name}: {value} {unit}, target {target}"
        assert control, f"{name}: the control did not fail, so the figure proves nothing"
    return figure


def add_option(parser):
    parser.addoption("--figures", action="store_true", help="run the figures only, and print a line of JSON each")


def select(config, items):
    if not config.getoption("--figures"):
        return
    kept = [item for item in items if "figure" in item.fixturenames]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def print_lines(terminal):
    if not terminal.config.getoption("--figures"):
        return
    reports = [report for group in terminal.stats.values() for report in group
               if isinstance(report, pytest.TestReport) and report.when == "call"]
    for line in sorted(value for report in reports for name, value in report.user_properties if name == "figure"):
        terminal.write_line(line)
