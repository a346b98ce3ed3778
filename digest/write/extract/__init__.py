"""A text without a model, from the abstract's own sentences.

`sentences` chooses them. `telling` says what one is worth, by the numbers in `weights`; `trim` shortens it; `alone`
asks whether it can stand by itself. `judge` asks whether a model's text tells as much as the extracted one.
"""
