"""Where a model runs: as a file, in a process of its own, or on a server.

`llama` is a file; `process` and `child` are the two ends of the pipe to where it runs. `engine` is what runs it: `kept`
is what it remembers of prompts, `sampling` how it takes the next token, `begun` when an answer is done or given up.
`header` reads the file's head, `shards` finds the rest of a model in several, `faster` writes it in another format.
`endpoint` is a server.
"""
