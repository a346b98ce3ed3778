"""arXiv → papers."""
