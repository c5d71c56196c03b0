"""Tables as CSV for Czech spreadsheets: UTF-8 with a mark, semicolons, no cell that could be computed."""
import csv
import io
import zipfile

from exporters.cells import neutral

UNCHANGING = (2000, 1, 1, 0, 0, 0)  # time of the files in a package: the same book gives the same bytes


def csv_of(rows: list[list[str]], delimiter: str = ";") -> bytes:
    """Rows of text, the header first."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def package(tables: dict[str, list[list[str]]], delimiter: str = ";") -> bytes:
    """A ZIP with a CSV file for each table, named as importers look for them."""
    return zipped({f"{name}.csv": csv_of(rows, delimiter) for name, rows in tables.items()})


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP of files by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, UNCHANGING), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
