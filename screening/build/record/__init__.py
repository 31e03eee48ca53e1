"""The whole record: passes over its drafts, and what one line says of others."""
