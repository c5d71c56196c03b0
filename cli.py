"""`flask --app app COMMAND`: thin, each calls a service."""
import json
from datetime import datetime
from pathlib import Path

import click
from flask import Flask, current_app

import config as settings
import db
from errors import RuleBroken
from services import bounces, drafts_of_schema, erasure, figures, journal, mail

MIGRATIONS = str(settings.ROOT / "migrations")


def register(app: Flask) -> None:
    for command in (migrate, downgrade, serve, work, seal_journal, verify_journal, deliver_mail, freeze_figures,
                    pilot_report,
                    fill_demo, welcome, import_organisations, export_organisations, read_bounces, erase_client):
        app.cli.add_command(command)


@click.command()
def migrate():
    """Bring the database to the newest schema. Safe when several start at once."""
    config = current_app.config["NAVAZNOST"]
    if config.migrate_database_url:
        db.connect(config.migrate_database_url)
    names = db.migrate(MIGRATIONS)
    _leave_draft(config)
    if config.migrate_database_url:
        _hand_over(config)
    click.echo(f"applied: {', '.join(names) or 'nothing to do'}")
    if again := erasure.replay():
        click.echo(f"erased again, as after this backup was made: {again} clients")


def _leave_draft(config):
    """Before the first release the first schema is still rewritten; a demonstration made earlier begins anew."""
    lacking = drafts_of_schema.lacking()
    if not lacking:
        return
    if config.mode != "demo" or not config.sqlite:
        raise SystemExit(f"This database was made by a draft older than the first release and lacks {lacking[0]} and "
                         "more. Nothing was changed. Export the contact book with the version that made it "
                         "(export-organisations), make a new database and import it there.")
    click.echo(f"the demonstration of an older draft was kept as {drafts_of_schema.set_aside(config.database_url)}")
    db.migrate(MIGRATIONS)


def _hand_over(config):
    """Back to the application's role, which may use the tables and owns none."""
    from urllib.parse import urlsplit
    db.grant_to(urlsplit(config.database_url).username)
    db.database.close()
    db.connect(config.database_url)


@click.command()
@click.argument("target", required=False)
def downgrade(target):
    """Revert the last migration, or all back through TARGET."""
    click.echo(f"reverted: {', '.join(db.migrate(MIGRATIONS, target, down=True))}")


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST")
@click.option("--port", default=8000, envvar="PORT")
@click.option("--worker/--no-worker", default=True, help="Run the background jobs too.")
def serve(host, port, worker):
    """Serve the application, and run its jobs beside it. One Ctrl-C stops both."""
    import jobs
    jobs.serve(current_app._get_current_object(), host, port, worker)


@click.command()
def work():
    """Run the background jobs until stopped."""
    import jobs
    jobs.work(current_app._get_current_object())


@click.command("seal-journal")
def seal_journal():
    """Bind the journal's new rows into its chain."""
    click.echo(f"sealed {journal.seal()} rows")


@click.command("verify-journal")
def verify_journal():
    """Check the journal's chain; exit code 1 where it was tampered with."""
    problems = list(journal.verify())
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problems, {journal.unsealed()} rows not sealed yet")
    raise SystemExit(1 if problems else 0)


@click.command("deliver-mail")
def deliver_mail():
    """Send the mails that are due."""
    click.echo(f"sent {mail.deliver_due()}, waiting {mail.waiting()}")


@click.command("read-bounces")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read_bounces(path):
    """Read mails that came back (one mail, or an mbox) and write no more to addresses that do not work."""
    mails, dead = bounces.read(path)
    click.echo(f"read {mails} mails, {dead} addresses do not work")


@click.command("fill-demo")
def fill_demo():
    """Load the contact book and, in MODE=demo, two years of invented people. Does nothing when they are there."""
    import demo
    invented = current_app.config["NAVAZNOST"].mode == "demo"
    click.echo("contact book and demo filled in" if demo.fill(invented) else "nothing to fill in")


@click.command()
def welcome():
    """Print the address and, in the demonstration, who can sign in and how."""
    from demo.welcome import lines
    config = current_app.config["NAVAZNOST"]
    for line in lines(config.base_url, config.mode == "demo"):
        click.echo(line)


def _open_book():
    """Connects; says what to do where the database has no tables yet."""
    db.open_connection()
    if not db.database.table_exists("organisation"):
        raise click.ClickException("The database has no tables yet. Run `flask --app app migrate` first.")


@click.command("import-organisations")
@click.argument("path", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx", "hsds", "rpss"]),
              help="What the file is; else its name and first bytes tell.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and write nothing.")
def import_organisations(path, format_, dry_run):
    """Load organisations and services: this book's own tables (a folder, ZIP or workbook), a list, HSDS, the register.

    The last line is JSON with what became of how many rows. Exit code 1 where a row is wrong; then nothing is written.
    """
    from services import import_command
    _open_book()
    try:
        counts, problems = import_command.load(path, format_ or "", dry_run)
    except RuleBroken as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror or error}") from error
    for problem in problems:
        click.echo(problem)
    click.echo(json.dumps(counts))
    raise SystemExit(1 if problems else 0)


@click.command("pilot-report")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day, 2026-10-01.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day.")
@click.option("--format", "format_", type=click.Choice(["markdown", "csv"]), default="markdown")
@click.option("--language", type=click.Choice(["cs", "en"]), default="cs")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else the screen.")
def pilot_report(first: datetime, last: datetime, format_, language, output):
    """Say what a pilot brought, in rounded figures: visits, answers, facts, time of staff, referrals, use."""
    from flask_babel import force_locale

    from exporters import pilot as written
    from services import pilot
    _open_book()
    try:
        report = pilot.report(first.date(), last.date())
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    with force_locale(language):
        content = written.csv_of_report(report) if format_ == "csv" else written.markdown(report).encode()
    output.write_bytes(content) if output else click.echo(content.decode("utf-8-sig"), nl=False)


@click.command("freeze-figures")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="A month that is over, such as 2026-10; else the last.")
def freeze_figures(month: datetime | None):
    """Freeze the rounded figures of a month. What is frozen stays; a second run adds nothing, a stopped one goes on."""
    db.open_connection()
    try:
        frozen = figures.freeze(month.date() if month else None, lambda done, all: click.echo(f"{done} of {all}"))
        click.echo(f"frozen: {frozen} prisons and organisations")
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.command("export-organisations")
@click.option("--format", "name", required=True,
              type=click.Choice(["csv", "xlsx", "vcard", "hsds", "hsds-json", "hsds-csv"]))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="The file to write. With csv: a ZIP or a folder for all tables, or a .csv file for the "
                   "organisations alone.")
def export_organisations(name, output):
    """Write the contact book to a file. What csv, xlsx and hsds write, import-organisations reads."""
    from services import book_export
    _open_book()
    try:
        click.echo(f"{output}: {book_export.write(name, output)} bytes")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror or error}") from error


@click.command("erase-client")
@click.argument("code")
@click.option("--yes", "confirmed", is_flag=True, help="Erase; without it the command only says what would happen.")
def erase_client(code, confirmed):
    """Erase the client with CODE for ever: their key is destroyed, what hangs on them is deleted. Two steps."""
    _open_book()
    client = erasure.by_code(code)
    if client is None:
        raise click.ClickException("Nobody has this code, or they are erased already.")
    for title, lines in (("Goes", erasure.WHAT_GOES), ("Stays", erasure.WHAT_STAYS)):
        click.echo("\n".join([f"{title}:", *(f"- {line}" for line in lines)]))
    if not confirmed:
        click.echo("Nothing was erased. Run it again with --yes.")
        return
    erasure.of_system(client)
    click.echo("Erased. Backups made before still hold the key: keep erased.txt from DATA_DIR apart from them.")
