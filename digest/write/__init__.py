"""Abstracts → TLDRs, summaries and tags, each tied to what it rests on."""
