"""What is said of a site that its host would not take."""

from digest.pipeline.printing import too_large


def test_a_site_that_github_pages_takes_is_no_news() -> None:
    assert too_large(1_000_000_000) == ()


def test_a_site_that_is_too_large_says_what_may_be_left_out() -> None:
    (warning,) = too_large(3_100_000_000)
    assert warning.startswith("the site has 3.1 GB")
    assert "site.cards" in warning
    assert "site.author_papers" in warning
