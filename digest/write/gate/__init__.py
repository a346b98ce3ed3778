"""A text is held against the abstract that it claims to rest on: what is not true of it is refused.

`check` is the gate. It asks for the text's `form`, its `claims`, the `order` of its words and the `counting` of its
numbers, in `parts` where it rests on two sentences. Of a text that it refuses `beginnings` keeps what passes.
"""
