"""Papers and all that is derived from them, in SQLite; the only code that opens sessions."""
