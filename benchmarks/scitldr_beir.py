"""SciTLDR → a corpus in BEIR's layout: the authors' one-sentence summary is the question, their abstract the answer.

python benchmarks/scitldr_beir.py FOLDER OUT

FOLDER holds SciTLDR-A's train.jsonl and dev.jsonl (Cachola et al., 2020, "TLDR: Extreme summarization of scientific
documents"; github.com/allenai/scitldr). Then `digest eval search --data OUT`.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Write corpus.jsonl, queries.jsonl and qrels/test.tsv."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines = [line for name in ("train", "dev") for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
    papers = [json.loads(line) for line in lines]
    documents = [
        {"_id": paper["paper_id"], "title": paper.get("title") or "", "text": " ".join(paper["source"])}
        for paper in papers
    ]
    asked = [(paper["paper_id"], text) for paper in papers for text in paper["target"] if text.strip()]
    questions = [{"_id": f"q{number}", "text": text} for number, (_, text) in enumerate(asked)]
    answers = [f"q{number}\t{paper_id}\t1" for number, (paper_id, _) in enumerate(asked)]
    (out / "qrels").mkdir(parents=True, exist_ok=True)
    (out / "corpus.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in documents), encoding="utf-8")
    (out / "queries.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in questions), encoding="utf-8")
    (out / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *answers, ""]), encoding="utf-8")
    print(f"{len(documents):,} abstracts, {len(asked):,} questions")


if __name__ == "__main__":
    main()
