"""The papers, picks and topics that come with digest: files only, read by path."""
