"""Choices, texts and the editor's words → an issue."""
