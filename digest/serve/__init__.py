"""The archive and the built site, asked over HTTP and by assistants: reading only, bounded, on this machine."""
