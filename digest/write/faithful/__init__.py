"""A translation is put as Taiwan writes it and held against its English: what does not say the same is refused.

`terms` are Taiwan's words for the English ones; `taiwan` turns characters and words; `check` is the gate; it asks for
the `names` and the `quantities` of the English.
"""
