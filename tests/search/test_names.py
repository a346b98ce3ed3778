"""A slip in a name is forgiven, another name is not."""

from digest.search.names import nearest_words

NAMES = ["vaswani", "shazeer", "munkhdalai", "raschka", "lee", "li", "gopal", "gopan"]


def test_a_slip_is_forgiven() -> None:
    assert nearest_words("vaswnai", NAMES) == ["vaswani"]
    assert nearest_words("rashka", NAMES) == ["raschka"]
    assert nearest_words("munkdhalay", NAMES) == ["munkhdalai"]


def test_the_nearest_are_all_given() -> None:
    assert sorted(nearest_words("gopax", NAMES)) == ["gopal", "gopan"]


def test_short_words_and_other_names_are_left_alone() -> None:
    assert nearest_words("le", NAMES) == []
    assert nearest_words("raschkowski", NAMES) == []
