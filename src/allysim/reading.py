"""Tables that users bring as text: lines split into cells, and numbers in whichever way they are written.

Cells are separated by commas, semicolons or tabs; lines that begin with ``#`` and empty lines are skipped.
"""

import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path

from allysim.errors import DataError, nearest


def refuse(faults: list[str]) -> None:
    """Raise `DataError` with the first of a file's faults and how many more there are, if there is any."""
    if faults:
        more = len(faults) - 1
        raise DataError(faults[0] + (f" (and {more} more fault{'s' * (more > 1)} in this file)" if more else ""))


def text_of(path: Path, key: str) -> str:
    """Return the text of the file that the setting `key` names; `DataError` says why it is not a CSV file in UTF-8."""
    if path.is_dir():
        raise DataError(f"{path} is a folder: {key} takes the path of a CSV file")
    if not path.is_file():
        if not path.parent.is_dir():
            raise DataError(f"there is no file {path}: the folder {path.parent} does not exist")
        neighbours = [file.name for file in path.parent.iterdir() if file.is_file()]
        raise DataError(f"there is no file {path}{nearest(path.name, neighbours, .7)}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    spreadsheet = path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods")
    if spreadsheet or raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            f"{path} is a spreadsheet, not a CSV file: open it in your spreadsheet program, choose "
            f"'Save as', type 'CSV UTF-8', and give that file as {key}"
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path} is UTF-16 text: save it as 'CSV UTF-8' and give that file as {key}")
    if b"\0" in raw:
        raise DataError(f"{path} is a binary file: {key} takes a CSV file, which is plain text in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.split(rb"\r\n?|\n", raw[: error.start]))
        raise DataError(
            f"{path}, line {line}: byte 0x{raw[error.start]:02x} is not UTF-8 text; save the file as 'CSV UTF-8'"
        ) from None


def rows_of(text: str, path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line number, separator and stripped cells of each line that says something."""
    separator, width = "", 0
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        # A spreadsheet that saved a comment again may have put it in quotes.
        if line.lstrip(' \t"').startswith("#") or not line.strip():
            continue
        if not separator:
            separator = max(",;\t", key=line.count)
        try:
            cells = [" ".join(cell.split()) for cell in next(csv.reader([line], delimiter=separator, strict=True))]
        except csv.Error:
            raise DataError(
                f"{path}, line {number} cannot be split into cells: check its quotation marks and its length"
            ) from None
        if any(cells):
            # Spreadsheets pad lines with empty cells up to the longest line of the sheet.
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            yield number, separator, cells


def number_in(text: str, limits: tuple[float, float], unit: str, separator: str, needed: bool,
              ) -> tuple[float | None, str]:
    """Return the number written in a cell, and what is wrong with it."""
    low, high = limits
    takes = f"it takes a number from {low:g} to {high:,.0f}" if high > 1 else f"it takes {low:g} to {high:g}"
    takes += f", or {low:.0%} to {high:.0%}" if unit == "share" else f" {unit}" if unit else ""
    percent = unit == "share" and text.endswith("%")
    readings = _readings(text.removesuffix("%").rstrip() if percent else text, separator)
    readings = [reading / 100 if percent else reading for reading in readings]
    fitting = [reading for reading in readings if low <= reading <= high]
    if len(fitting) == 1:
        return fitting[0], ""
    if fitting:
        return None, f"could be {fitting[0]:g} or {fitting[1]:g}; write it without thousands separators"
    if readings:
        hint = f"; for {readings[0]:g} per cent write {readings[0]:g}%" if unit == "share" and not percent and \
            low <= readings[0] / 100 <= high else ""
        return None, f"is out of range; {takes}{hint}"
    thousands = re.fullmatch(r"(.*\d)\s*[kK]\s*€?", text)
    if thousands and unit.startswith("k€") and _readings(thousands[1], separator):
        return None, f"is not a number; it is in thousands already, so write {thousands[1]}: {takes}"
    return None, f"is not a number; {takes}" + ("" if needed else ", or nothing to have it filled in")


def _readings(text: str, separator: str) -> list[float]:
    """Return the finite values a number may stand for: two where a mark could be decimal or thousands."""
    text = text.replace("\u2212", "-")
    conventions = [(".", ","), (",", ".")]
    if separator == "," and text.count(".") == 1 and "," not in text:
        conventions = conventions[:1]  # commas split the cells here, so the point is the decimal one
    values: list[float] = []
    for decimal, thousands in conventions:
        whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:([ '’{thousands}])\d{{3}})(?:\1\d{{3}})*)"
        if re.fullmatch(rf"[+-]?(?:{whole}(?:\{decimal}\d*)?|\{decimal}\d+)(?:[eE][+-]?\d+)?", text):
            plain = re.sub(rf"[ '’{thousands}]", "", text).replace(decimal, ".")
            value = float(plain)
            if math.isfinite(value) and value not in values:
                values.append(value)
    return values


def hint_at(row: list[str], separator: str, width: int) -> str:
    """Name the usual cause of a line with more cells than the header, which has `width`."""
    decimal_comma = len(row) > width and separator == "," and any(cell.isdigit() for cell in row)
    return "; numbers with a decimal comma need semicolons between the cells" if decimal_comma else ""
