"""Reading orders from a CSV file (RFC 4180), row by row; every error has the line, what was found and a remedy."""

import csv
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

COLUMNS = ("date", "customer", "product", "quantity", "unit_price")

_LONGEST_LINE_BYTES = 1024 * 1024
_LONGEST_TEXT = 200
_LARGEST_QUANTITY = 1_000_000
_PRICE = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")
_BOM = b"\xef\xbb\xbf"


class CsvError(Exception):
    """The file cannot be imported; the message is for the person who chose it."""


class Order(NamedTuple):
    """One row, checked. The date is ISO 8601, the price whole cents."""

    ordered_on: str
    customer: str
    product: str
    quantity: int
    unit_price_cents: int


class OrderFile:
    """An open CSV file of orders.

    It stays open, so it may be deleted while it is read; it may not be changed.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Read from `file`, which is called `name` in messages."""
        self._file = file
        self._begin = os.fstat(file.fileno())
        self._line = 0
        self.name = name
        self.bytes_total = self._begin.st_size
        self.bytes_done = 0

    def orders(self) -> Iterator[Order]:
        """Give the rows, in order.

        Raises:
            CsvError: At the first row that is wrong, or when the file was changed while it was read.
        """
        rows = csv.reader(self._lines(), strict=True)
        self._check_columns(self._next(rows, 1))
        while True:
            line = self._line + 1
            row = self._next(rows, line)
            if row is None:
                break
            if row:
                yield self._order(row, line)
        self._check_unchanged()

    def _lines(self) -> Iterator[str]:
        """Give the lines, as `csv` wants them: with their ends, which may be part of a quoted text."""
        while line := self._read_line():
            self._line += 1
            self.bytes_done += len(line)
            if self._line == 1:
                line = line.removeprefix(_BOM)
            if len(line) > _LONGEST_LINE_BYTES or b"\0" in line:
                raise self._error(self._line, "this is not text; choose a CSV file")
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                found = f"the byte 0x{line[error.start]:02x} is not UTF-8"
                raise self._error(self._line, f"{found}; save the file as UTF-8 and import it again") from error

    def _read_line(self) -> bytes:
        try:
            return self._file.readline(_LONGEST_LINE_BYTES + 1)
        except OSError as error:
            msg = f"{self.name} cannot be read on ({error.strerror}); copy it to this computer and import it again"
            raise CsvError(msg) from error

    def _next(self, rows: Iterator[list[str]], line: int) -> list[str] | None:
        try:
            return next(rows, None)
        except csv.Error as error:
            remedy = 'put texts with commas or quotes in "…", and write " in them twice'
            raise self._error(line, f"the quotes or line ends of this row are broken ({error}); {remedy}") from error

    def _check_columns(self, header: list[str] | None) -> None:
        expected = ",".join(COLUMNS)
        if header is None:
            msg = f"{self.name} is empty; its first line must be `{expected}`"
            raise CsvError(msg)
        if tuple(header) != COLUMNS:
            raise self._error(1, f"the columns are `{_shown(','.join(header))}`; they must be `{expected}`")

    def _order(self, row: list[str], line: int) -> Order:
        if len(row) != len(COLUMNS):
            remedy = "give each row all of them; the file may have been cut off"
            raise self._error(line, f"{len(row)} columns, where there must be {len(COLUMNS)}; {remedy}")
        ordered_on, customer, product, quantity, unit_price = row
        for column, value in (("customer", customer), ("product", product)):
            if not value.strip() or len(value) > _LONGEST_TEXT:
                remedy = f"write 1 to {_LONGEST_TEXT} characters"
                raise self._error(line, f"the {column} `{_shown(value)}` is empty or too long; {remedy}")
        try:
            return Order(_date(ordered_on), customer, product, _quantity(quantity), _cents(unit_price))
        except ValueError as error:
            raise self._error(line, str(error)) from error

    def _check_unchanged(self) -> None:
        end = os.fstat(self._file.fileno())
        if self.bytes_done < self.bytes_total or end.st_size < self.bytes_total:
            change = f"shrank from {self.bytes_total} to {end.st_size} bytes"
        elif (end.st_size, end.st_mtime_ns) != (self.bytes_total, self._begin.st_mtime_ns):
            change = "was changed"
        else:
            return
        msg = f"{self.name} {change} while it was read; wait until the other program is done and import it again"
        raise CsvError(msg)

    def _error(self, line: int, message: str) -> CsvError:
        return CsvError(f"{self.name}, line {line}: {message}")


@contextmanager
def open_orders(path: Path, max_bytes: int) -> Iterator[OrderFile]:
    """Open a CSV file, if it is one file of at most `max_bytes`; `CsvError` before anything is read if not."""
    try:
        # Opening a named pipe would wait for its writer.
        is_something_else = path.exists() and not path.is_file()
        opened = None if is_something_else else path.open("rb")
    except OSError as error:
        msg = f"{path.name} cannot be opened ({error.strerror}); choose another file"
        raise CsvError(msg) from error
    if opened is None:
        msg = f"{path.name} is not a file; choose a CSV file"
        raise CsvError(msg)
    with opened as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            msg = f"{path.name} is {_size(size)}; at most {_size(max_bytes)} can be imported; split the file"
            raise CsvError(msg)
        yield OrderFile(file, path.name)


def _date(value: str) -> str:
    try:
        # Python also reads other forms of ISO 8601, such as 20260131.
        is_date = date.fromisoformat(value).isoformat() == value
    except ValueError:
        is_date = False
    if not is_date:
        msg = f"the date `{_shown(value)}` is none; write it like 2026-01-31"
        raise ValueError(msg)
    return value


def _quantity(value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < len(str(_LARGEST_QUANTITY)) + 1 else 0
    if not 1 <= number <= _LARGEST_QUANTITY:
        msg = f"the quantity `{_shown(value)}` is no whole number from 1 to {_LARGEST_QUANTITY}; write it like 12"
        raise ValueError(msg)
    return number


def _cents(value: str) -> int:
    found = _PRICE.fullmatch(value)
    if found is None:
        msg = f"the unit price `{_shown(value)}` is no amount below 100000000 with 2 decimals; write it like 9.90"
        raise ValueError(msg)
    whole, decimals = found.groups()
    return int(whole) * 100 + int((decimals or "").ljust(2, "0"))


def _shown(value: str) -> str:
    return value if len(value) <= 80 else f"{value[:80]}…"  # noqa: PLR2004 - what fits on a line


def _size(size_bytes: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size_bytes < 1024:  # noqa: PLR2004
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f} GB"
