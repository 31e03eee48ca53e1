"""Stores: many patients in one long-format shape, a folder of Parquet tables."""

from screening.store.checking import Check, check
from screening.store.converting import Converted, convert
from screening.store.errors import MissingExtraError, StoreError
from screening.store.reading import Store, is_store, read_store
from screening.store.shape import TABLES
from screening.store.uses import UnitUse

__all__ = [
    "TABLES",
    "Check",
    "Converted",
    "MissingExtraError",
    "Store",
    "StoreError",
    "UnitUse",
    "check",
    "convert",
    "is_store",
    "read_store",
]
