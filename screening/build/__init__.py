"""From parse trees to typed predicates: the compiler, its diagnostics, and the rows of `extract`."""

from screening.build.compiling import compile_trial
from screening.build.ledger import shares
from screening.build.rows import extract
from screening.build.windows import windows

__all__ = ["compile_trial", "extract", "shares", "windows"]
