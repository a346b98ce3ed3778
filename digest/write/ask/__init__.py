"""What is asked of a model, and what is read from its answer.

`writer` is what each model must do, and all that is known of one here. `prompt` puts the question, `answers` reads what
comes back, `twice` asks again for what was refused, `opinion` makes of it what is kept.
"""
