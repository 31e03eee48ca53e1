"""What a registry document says before any sentence of it is read: fields, sides, numbered items."""

from screening.sections.model import Field, Item, Side, Trial
from screening.sections.reading import DocumentError, outline, read, read_document

__all__ = ["DocumentError", "Field", "Item", "Side", "Trial", "outline", "read", "read_document"]
