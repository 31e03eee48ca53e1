"""Which report formats there are."""

from __future__ import annotations

from collections.abc import Callable

from screening.explain.result import ScreeningResult
from screening.report import page, plain, sheet


def _wire(result: ScreeningResult) -> str:
    """The result itself; its JSON Schema is `ScreeningResult.model_json_schema()`."""
    return result.model_dump_json(indent=2) + "\n"


FORMATS: dict[str, Callable[[ScreeningResult], str]] = {
    "text": plain.report,
    "json": _wire,
    "html": page.report,
    "csv": sheet.report,
}


def render(result: ScreeningResult, format: str = "text", *, width: int = plain.WIDTH) -> str:
    """A screening result in one of FORMATS; *width* is for text."""
    return plain.report(result, width) if format == "text" else FORMATS[format](result)
