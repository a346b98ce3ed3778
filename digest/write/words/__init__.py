"""When two words, or two ways to write a thing, are the same.

`stems` takes their endings off, `wording` writes a thing in one way, `synonyms` holds words that say the same; `verbs`
are those by which authors say what they did.
"""
