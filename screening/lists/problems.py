"""Why a list cannot be made; each message is one line that names the place and the remedy, and holds no value."""

from __future__ import annotations


class ListError(ValueError):
    """The result, the rules or the store do not fit what is asked."""
