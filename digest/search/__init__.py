"""Papers → vectors → hits."""
