"""A month of troubled nights against a stand-in for arXiv: what each did, as the table of docs/reliability.md.

PYTHONPATH=. python benchmarks/month_of_nights.py [SEED] [--write]

Thirty nights; on two of three something goes wrong. At the end the site is compared with that of one clean harvest.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.arxiv_stand_in import ArxivStandIn, serve
from tests.faults.magazine import make_template, renew, tree, warm_up
from tests.faults.month import SEED, NightTold, last_night, papers_of_the_month, spend_month, whole_month

_PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
_BEGIN, _END = "<!-- the month of nights: begin -->\n", "<!-- the month of nights: end -->"


def row(night: NightTold) -> str:
    """Write a line of the table."""
    status = "–" if night.status is None else str(night.status)
    published = "yes" if night.published else ""
    return f"| {night.number} | {night.announced} | {night.trouble} | {status} | {night.held} | {published} |"


def spend(folder: Path, seed: int) -> tuple[list[NightTold], int, int]:
    """Return the nights, and how many files of the site there are and differ from those of one clean harvest."""
    papers, template = papers_of_the_month(), make_template(folder / "template")
    with serve(ArxivStandIn(list(papers), oai_page=8)) as arxiv:
        whole_month(papers, arxiv)
        warm_up(renew(folder / "warm", template, arxiv))
        magazine = renew(folder / "magazine", template, arxiv)
        nights = list(spend_month(magazine, papers, seed))
        clean = renew(folder / "clean", template, arxiv)
        whole_month(papers, arxiv)
        clean.night(now=last_night())
    sites = [tree(one.folder / "site" / "public") for one in (magazine, clean)]
    differing = sum(sites[0].get(path) != sites[1].get(path) for path in sites[0].keys() | sites[1].keys())
    return nights, len(sites[1]), differing


def main() -> None:
    """Spend the month and print its table."""
    seed = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), SEED)
    os.environ["NO_PROXY"] = "*"
    with tempfile.TemporaryDirectory() as passing:
        os.environ["XDG_CACHE_HOME"] = f"{passing}/cache"
        nights, files, differing = spend(Path(passing), seed)
    table = "\n".join(
        [
            "| night | announced | trouble | exit status | papers held | published |",
            "|---|---|---|---|---|---|",
            *map(row, nights),
            "",
            f"Seed {seed}. At the end {differing} of {files} files of the site differ from those of one clean harvest.",
        ]
    )
    print(table)
    if "--write" in sys.argv:
        before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}{table}\n{_END}{rest.partition(_END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
