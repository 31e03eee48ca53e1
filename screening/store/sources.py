"""Files of tables → tables of a database: CSV, TSV, Parquet, Excel, SAS transport, a zip of them, a DuckDB file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from screening.patient import Finding
from screening.store import damage, texts
from screening.store import mapping as mappings
from screening.store.database import Connection, columns, literal, package, quoted, readable
from screening.store.errors import StoreError
from screening.store.mapping import Mapping

_TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".csv.zst")
_SUFFIXES = (*_TEXT, ".parquet", ".xlsx", ".xpt")
_DATABASES = (".duckdb", ".ddb", ".db")
_OMOP, _SDTM, _NATIVE = {"person", "measurement"}, {"dm", "lb"}, {"patients", "observations"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the tables are, by casefolded name, and how to read them."""

    path: Path
    files: dict[str, Path]
    mapping: Mapping


def tabular(source: str | Path, mapping: str | Path | None) -> Source | None:
    """The tables at *source*, if it holds tables: those of a mapping, else OMOP CDM, SDTM, or a store's own names."""
    path = Path(source)
    if not path.exists() and mapping is not None:
        raise StoreError(str(path), "no such file or folder", "Check the path.")
    files = _files(path) if path.exists() else {}
    name = mapping or _recognised(files)
    if name is None and files and not _holds_records(path):
        raise StoreError(
            str(path),
            "tables of an unknown layout",
            "Say with --mapping FILE which column holds what; see the README on mapping files.",
        )
    if name is None and path.is_dir() and not _holds_records(path):
        _refuse_wrapped(path)
    return None if name is None else Source(path, files, mappings.load(name))


def _refuse_wrapped(path: Path) -> None:
    """A folder that holds nothing but an archive or a database, which can be read themselves."""
    held = [file for file in sorted(path.iterdir()) if file.suffix.lower() in (".zip", *_DATABASES)]
    if held:
        names = ", ".join(file.name for file in held)
        raise StoreError(str(path), f"holds {names}", f"Give the file itself: {held[0]}")


def idle(source: Source) -> Iterator[Finding]:
    """The tables that the mapping does not ask for."""
    asked = {_stem(Path(name)) for name in source.mapping.tables()}
    if _sheet_file(source) is None and (unread := sorted(source.files.keys() - asked)):
        yield Finding(f"tables not read: {', '.join(unread)}", source.path.name)


def _holds_records(path: Path) -> bool:
    return path.is_file() or any(path.rglob("*json*"))


def _recognised(files: dict[str, Path]) -> str | None:
    if files.keys() >= _OMOP:
        return "omop"
    if "dm" in files and files.keys() & {"lb", "vs", "mh", "cm", "pr"}:
        return "sdtm"
    return "tables" if files.keys() >= _NATIVE else None


def _files(path: Path) -> dict[str, Path]:
    """Table → file."""
    if path.is_dir():
        return {_stem(file): file for file in sorted(path.iterdir()) if file.name.lower().endswith(_SUFFIXES)}
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as held:
                return {_stem(Path(name)): path for name in held.namelist() if _is_member(name)}
        except zipfile.BadZipFile:
            raise StoreError(str(path), "no zip archive that can be read", "Copy or export it again") from None
    if path.suffix.lower() in _DATABASES:
        return dict.fromkeys(_tables_of(path), path)
    return {_stem(path): path} if path.name.lower().endswith(_SUFFIXES) else {}


def _is_member(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES) and "__MACOSX" not in name and not Path(name).name.startswith(".")


def _stem(file: Path) -> str:
    return file.name.lower().split(".")[0]


def _tables_of(path: Path) -> list[str]:
    with readable(str(path)), package("duckdb", str(path)).connect(str(path), read_only=True) as connection:
        return [row[0].lower() for row in connection.execute("SHOW TABLES").fetchall()]


def load(source: Source, connection: Connection, scratch: Path, *, salvage: bool = False) -> dict[str, list[Finding]]:
    """Makes every table the mapping reads, with the column file_row_number; the findings of each: damaged lines.

    *salvage* reads Parquet files row group by row group and leaves out those that cannot be read.
    """
    found: dict[str, list[Finding]] = {}
    for name in dict.fromkeys(source.mapping.tables()):
        _refuse_twice(source, name)
        file = source.files.get(_stem(Path(name))) or _sheet_file(source)
        if file is None and name not in source.mapping.expects:
            known = ", ".join(sorted(source.files)) or "none"
            raise StoreError(str(source.path), f"there is no table {name!r}", f"Its tables are: {known}")
        if file is not None:
            with readable(str(file)):
                found[name] = list(_load_one(source, connection, name, file, scratch, salvage=salvage))
        _complete(connection, name, source.mapping.expects.get(name, ()), there=file is not None)
    for name, pairs in source.mapping.lookups.items():
        _lookup(connection, name, pairs)
    return found


def _refuse_twice(source: Source, name: str) -> None:
    """Two files of one table: nobody can tell which one is meant."""
    if not source.path.is_dir():
        return
    held = [file.name for file in sorted(source.path.iterdir()) if _is_table(file) and _stem(file) == _stem(Path(name))]
    if len(held) > 1:
        raise StoreError(str(source.path), f"the table {name!r} is there twice: {', '.join(held)}", "Leave one of them")


def _is_table(file: Path) -> bool:
    return file.is_file() and file.name.lower().endswith(_SUFFIXES)


def _sheet_file(source: Source) -> Path | None:
    """A workbook whose sheets are the tables."""
    held = set(source.files.values())
    return held.pop() if len(held) == 1 and source.path.suffix.lower() == ".xlsx" else None


def _lookup(connection: Connection, name: str, pairs: dict[str, str]) -> None:
    listed = ", ".join(f"({literal(key)}, {literal(value)})" for key, value in pairs.items())
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM (VALUES {listed}) AS t(key, value)")


def _complete(connection: Connection, name: str, expected: Iterable[str], *, there: bool) -> None:
    """Adds what is missing of an expected table as nulls."""
    if not there:
        listed = "".join(f"{quoted(column)} VARCHAR, " for column in expected)
        connection.execute(f"CREATE TABLE {quoted(name)} ({listed}file_row_number BIGINT)")
        return
    held = {column.casefold() for column in columns(connection, quoted(name))}
    missing = [column for column in expected if column.casefold() not in held]
    if missing:
        nulls = ", ".join(f"NULL::VARCHAR AS {quoted(column)}" for column in missing)
        connection.execute(f"ALTER {_kind(connection, name)} {quoted(name)} RENAME TO {quoted('_' + name)}")
        connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT *, {nulls} FROM {quoted('_' + name)}")


def _kind(connection: Connection, name: str) -> str:
    row = connection.execute(f"SELECT count(*) FROM duckdb_views() WHERE view_name = {literal(name)}").fetchone()
    return "VIEW" if row and row[0] else "TABLE"


def _load_one(  # noqa: PLR0913 -- where from, where to, and how
    source: Source, connection: Connection, name: str, file: Path, scratch: Path, *, salvage: bool
) -> Iterator[Finding]:
    lower, decimal = file.name.lower(), source.mapping.decimal
    if lower.endswith(".zip"):
        file = _unpacked(file, name, scratch)
        lower = file.name.lower()
    if lower.endswith(_DATABASES):
        _attached(connection, name, file, decimal)
    elif lower.endswith(".parquet") and salvage:
        yield from _salvaged(connection, name, file, decimal)
    elif lower.endswith(".parquet"):
        relation = f"read_parquet({literal(str(file))}, file_row_number = true)"
        connection.execute(
            f"CREATE VIEW {quoted(name)} AS SELECT {_filled(connection, relation, decimal)} FROM {relation}"
        )
    elif lower.endswith(".xlsx"):
        _table(connection, name, _sheet(file, name, decimal))
    elif lower.endswith(".xpt"):
        _table(connection, name, _transport(file), decimal)
    else:
        yield from texts.load(connection, name, file, source.mapping.delimiter, scratch)


def _salvaged(connection: Connection, name: str, file: Path, decimal: str) -> Iterator[Finding]:
    """What can be read of a damaged Parquet file; rows that cannot are left out with their place."""
    held = package("pyarrow.parquet", str(file))
    kept = f"kept {name}"
    _table(connection, kept, held.read_schema(file).empty_table())
    for part in damage.parts(file):
        if part.rows is None:
            yield part.finding
        else:
            _append(connection, kept, part.rows, part.first)
    relation = quoted(kept)
    connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {_filled(connection, relation, decimal)} FROM {relation}")


def _append(connection: Connection, name: str, rows: object, first: int) -> None:
    connection.register("incoming", rows)
    connection.execute(f"INSERT INTO {quoted(name)} SELECT *, row_number() OVER () - 1 + {first} FROM incoming")
    connection.unregister("incoming")


def _unpacked(file: Path, name: str, scratch: Path) -> Path:
    with zipfile.ZipFile(file) as held:
        member = next(one for one in held.namelist() if _is_member(one) and _stem(Path(one)) == _stem(Path(name)))
        return Path(held.extract(member, scratch))


def _attached(connection: Connection, name: str, file: Path, decimal: str) -> None:
    connection.execute(f"ATTACH IF NOT EXISTS {literal(str(file))} AS given (READ_ONLY)")
    relation = f"given.{quoted(name)}"
    connection.execute(
        f"CREATE VIEW {quoted(name)} AS SELECT {_filled(connection, relation, decimal)},"
        f" row_number() OVER () - 1 AS file_row_number FROM {relation}"
    )


def _filled(connection: Connection, relation: str, decimal: str) -> str:
    """Every column; an empty text is null, as SAS and many databases mean it.

    Numbers are written with the decimal sign of the mapping, which is about text: 88.5 is never taken for 885.
    """
    held = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return ", ".join(_column(name, kind, decimal) for name, kind, *_ in held)


def _column(name: str, kind: str, decimal: str) -> str:
    if kind == "VARCHAR":
        return f"nullif(trim({quoted(name)}), '') AS {quoted(name)}"
    if decimal != "." and kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return f"replace(CAST({quoted(name)} AS VARCHAR), '.', {literal(decimal)}) AS {quoted(name)}"
    return quoted(name)


def _table(connection: Connection, name: str, held: object, decimal: str = ".") -> None:
    connection.register("incoming", held)
    listed = "*" if decimal == "." else _filled(connection, "incoming", decimal)
    connection.execute(
        f"CREATE TABLE {quoted(name)} AS SELECT {listed}, row_number() OVER () - 1 AS file_row_number FROM incoming"
    )
    connection.unregister("incoming")


def _sheet(file: Path, name: str, decimal: str) -> object:
    """A sheet as text; a workbook of one sheet is that sheet."""
    openpyxl = package("openpyxl", str(file))
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException, KeyError, ValueError):
        raise StoreError(str(file), "no workbook that can be read", "Save it again as .xlsx") from None
    chosen = next((sheet for sheet in book.worksheets if sheet.title.casefold() == name.casefold()), None)
    if chosen is None and _stem(file) != _stem(Path(name)):
        raise StoreError(str(file), f"there is no sheet {name!r}", f"Its sheets are: {', '.join(book.sheetnames)}")
    rows = (chosen or book.worksheets[0]).iter_rows(values_only=True)
    header = [str(cell or f"column {number}") for number, cell in enumerate(next(rows, ()), 1)]
    if not header:
        raise StoreError(str(file), f"the sheet {name!r} is empty", "Write at least a header")
    cells = [[_cell(cell, decimal) for cell in row] for row in rows if any(cell is not None for cell in row)]
    arrow = package("pyarrow", str(file))
    return arrow.table({title: arrow.array([row[n] for row in cells], "string") for n, title in enumerate(header)})


def _cell(cell: object, decimal: str) -> str | None:
    """A cell as a person sees it: a whole number without ".0", any other with the mapping's decimal sign, a date
    without midnight."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, float):
        return str(cell).replace(".", decimal)
    return re.sub(r" 00:00:00$", "", str(cell))


def _transport(file: Path) -> object:
    """A SAS transport file of version 5 or 8."""
    pyreadstat = package("pyreadstat", str(file))
    try:
        held, _ = pyreadstat.read_xport(str(file), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError):
        raise StoreError(str(file), "no SAS transport file that can be read", "Export it again") from None
    arrow = package("pyarrow", str(file))
    return arrow.table({name: arrow.array([_blank(cell) for cell in cells]) for name, cells in held.items()})


def _blank(cell: object) -> object:
    """A cell of a transport file; empty text and the missing number are null."""
    return None if cell == "" or cell != cell else cell  # noqa: PLR0124 -- only NaN differs from itself
