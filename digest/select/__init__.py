"""Papers → the month's choices, with reasons."""
