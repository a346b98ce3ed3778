"""Abstracts → TLDRs, summaries and tags, each tied to what it rests on.

Papers go in here, and what is printed or kept of them comes out: `summarise` is the place to begin, for it takes a
paper through the folders below, and `headings` holds a paper taken apart against its headings; `translate`,
`questions`, `rating` and `topics` ask a model for more. Without a model, `tags` gives topics by their scores. `trials`
measures all this on labelled data.

The folders, each above those that it uses:

- `model`: where a model runs, in a file or on a server.
- `faithful`: a translation is held against its English.
- `extract`: a text without a model, from the abstract's own sentences, and how much a sentence tells.
- `gate`: a text is held against the abstract that it claims to rest on.
- `ask`: what is asked of a model, and what is read from its answer.
- `words`: when two words, or two ways to write a thing, are the same.
"""
