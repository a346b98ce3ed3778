"""A made-up paper that the writing tests speak of."""

import pytest

from digest.paper import Paper


@pytest.fixture
def sample() -> Paper:
    return Paper(
        arxiv_id="2404.00001",
        title="SparseLoom: Routing Tokens Without a Router",
        abstract=(
            "Large models are costly to serve. In this paper, we propose SparseLoom, a routing scheme that sends each "
            "token to 4 of 64 experts without a learned router. SparseLoom outperforms Switch on 12 translation tasks "
            "and cuts memory by 37.5\\% on a model with 7B parameters. It does not need auxiliary losses. "
            "Code is available at https://example.org/loom."
        ),
    )
