"""A translation is held against its English: what does not say the same is refused.

`check` is the gate; it asks for the `names` and the `quantities` of the English.
"""
