"""What `digest eval` does: texts, gate, topics, search and ranking, held against labelled data."""
