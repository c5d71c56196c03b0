"""What the served processes load, and what they are told before their first request."""
import subprocess
import sys

import config
import jobs

LOADED = """
import sys
import app, jobs
with_pages, with_jobs = app.create_app(data_dir=r"{data}"), app.for_jobs(data_dir=r"{data}")
assert len(with_pages.blueprints) > 20 and not with_jobs.blueprints
print(*[name for name in ("psycopg", "openpyxl", "segno") if name in sys.modules])
"""
WITHOUT = "import sys, app, jobs; assert not [name for name in sys.modules if name.startswith('blueprints')]"


def run(code) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True,
                          check=True).stdout.strip()


def test_a_process_with_sqlite_loads_neither_psycopg_nor_what_only_files_need(tmp_path):
    assert run(LOADED.format(data=tmp_path)) == ""
    assert "psycopg" in run("import peewee\n" + LOADED.format(data=tmp_path)), "the control: Peewee came first"


def test_the_worker_loads_no_page():
    run(WITHOUT)


def test_the_worker_is_started_by_its_own_factory():
    assert "app:for_jobs" in jobs.WORKER


def test_what_was_loaded_is_kept_from_the_garbage_collector_and_threads_hand_over_soon():
    code = ("import gc, sys, app, server; server.settle(); "
            "print(gc.get_freeze_count() > 50_000, sys.getswitchinterval() < 0.002)")
    assert run(code) == "True True"
