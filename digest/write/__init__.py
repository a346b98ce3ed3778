"""Abstracts → TLDRs, summaries and tags, each tied to what it rests on.

`summarise` is the place to begin: it takes a paper through all that stands here. By what they are for:

- Papers in, what is printed or kept of them out: `summarise`, `translate`, `questions`, `rating`, `topics`; without a
  model `extract` (a sentence of the abstract) and `tags` (topics by their scores).
- To extract: `telling` says what a sentence is worth, by the numbers in `weights`; `trim` shortens it, by the verbs in
  `verbs`; `alone` asks whether it can stand by itself.
- To ask a model: `writer` is what each of them must do; `prompt` puts the question, `answers` reads what comes back,
  `twice` asks again for what was refused, `opinion` makes of it what is kept.
- Models: `llama` is a file, `process` and `child` the two ends of the pipe to where it runs, `engine` what runs it;
  `header` reads the file's head, `faster` writes it in another format. `endpoint` is a server.
- To refuse what is not true: `gate` holds a text against its abstract, by its `form`, its `claims`, the `order` of its
  words and the `counting` of its numbers, in `parts` where it rests on two sentences; words are the same where
  `wording`, `words` and `synonyms` say so; `judge` asks which of two true texts tells more. `faithful` holds a
  translation against its English, by its `names` and `quantities`.
- To measure all this on labelled data: `trials`.
"""
