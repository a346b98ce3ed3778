import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text import fold_title, normalise, plain_text, plain_title, short_authors, split_sentences

TEX = st.text(alphabet="\\${}^_~-`'\"aeiou uvHcdbk.()[]%&123\néÀ\ud800\ue000", max_size=80)
PIECES = [
    "We",
    "show",
    "et al.",
    "e.g.",
    "Fig.",
    "3.5",
    "vs.",
    "J.",
    "(see",
    "it).",
    "end.",
    "Why?",
    "Yes!",
    "...",
    "…",
]
PIECES += ["$a. B$", "https://a.b/c.d.", "done.We", "\\emph{x.}", "1.", "\t"]
PROSE = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


class TestNormalise:
    def test_white_space_of_every_kind_becomes_single_spaces(self) -> None:
        assert normalise("  a\n\n b\tc\u2028d\u00a0e\x85f ") == "a b c d e f"

    @pytest.mark.parametrize(
        "char", list("\0\x07\x7f\x9f\u200b\u200d\u202e\u2066\u2069\ufeff\xad\ud800\U000e0041\ufffe")
    )
    def test_what_does_not_show_is_gone(self, char: str) -> None:
        assert normalise(f"a{char}b") == "ab"

    def test_letters_are_composed(self) -> None:
        assert normalise("Schro\u0308dinger") == "Schrödinger"

    @given(st.text())
    def test_normalising_twice_is_normalising_once(self, text: str) -> None:
        once = normalise(text)
        assert normalise(once) == once
        once.encode()

    @given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
    def test_visible_text_is_kept(self, text: str) -> None:
        assert normalise(text) != "" or text == ""


class TestPlainText:
    @pytest.mark.parametrize(
        ("tex", "plain"),
        [
            (r"Schr\"odinger, Poincar\'e, D\'ej\`a Vu", "Schrödinger, Poincaré, Déjà Vu"),
            (
                r"Erd\H{o}s, \v{C}apek, {\L}ukasz, Stra\ss e, Mart{\'\i}nez",
                "Erdős, Čapek, Łukasz, Straße, Martínez",
            ),
            (r"\emph{nice \textbf{bold}} {\em x y} \texttt{code}", "nice bold x y code"),
            (r"A~Case~Study~at~HCMUT", "A Case Study at HCMUT"),
            (r"TACO -- Twitter, 3--5, a---b", "TACO – Twitter, 3–5, a—b"),
            (r"Code: \url{https://a.org/~x_y--z}.", "Code: https://a.org/~x_y--z."),
            (r"``quoted'' 99\% \& x\_y", "“quoted” 99% & x_y"),
            (r"RoboMP$^2$ in $\sim$20 s", "RoboMP² in ∼20 s"),
            (r"MC\(^2\), XL\\(^2\\)Bench, CO$_2$", "MC², XL²Bench, CO₂"),
            (r"$O(n^2)$, $\frac{1}{2}$, $\sqrt{d}$, $x_{t+1}$", "O(n²), 1/2, √d, x_(t+1)"),
            (r"From $r$ to $Q^*$", "From r to Q*"),
            (r"GPT \citep{brown2020}, \eg this", "GPT, e.g. this"),
            (r"{BERT}: a {\"o}", "BERT: a ö"),
        ],
    )
    def test_simple_tex_becomes_unicode(self, tex: str, plain: str) -> None:
        assert plain_text(tex) == plain

    @pytest.mark.parametrize(
        "text",
        [
            "costs $5 million and $10 more",
            "from ~1.5:1 to 10~20",
            "run it with --help",
            r"we present \ours",
            r"$\|\theta\|_{\infty}$",
            "{a, b}",
            "\\",
            "$",
            "<b>bold</b>",
        ],
    )
    def test_what_is_not_understood_stays_as_it_is(self, text: str) -> None:
        assert plain_text(text) == text

    def test_escaped_quotes_are_no_accents(self) -> None:
        assert plain_text(r"a \"useful\" model\'s") == 'a "useful" model\'s'

    @given(TEX | st.text())
    @settings(max_examples=400)
    def test_no_string_raises(self, text: str) -> None:
        assert isinstance(plain_text(text), str)
        fold_title(text)
        plain_title(text)

    @pytest.mark.parametrize(
        "unit", ["{", "\\emph{", "$", "\\'", "\\cite[", "$\\frac{", "\\(", "{\\em ", "--", "\\url{", "^{"]
    )
    def test_nothing_takes_long(self, unit: str) -> None:
        begin = time.perf_counter()
        plain_text(unit * (20_000 // len(unit)))
        split_sentences(unit * (20_000 // len(unit)))
        assert time.perf_counter() - begin < 2

    def test_a_title_loses_its_full_stop_but_not_its_dots(self) -> None:
        assert plain_title("Logic Mill -- A System.") == "Logic Mill – A System"
        assert plain_title("And then...") == "And then..."


class TestFoldTitle:
    def test_spaces_case_accents_and_marks_do_not_count(self) -> None:
        assert fold_title("Mamba:Linear-Time  Schrödinger") == fold_title(r"MAMBA: linear time Schr\"odinger")

    def test_digits_count(self) -> None:
        assert fold_title("Phi-2") != fold_title("Phi-3")


class TestShortAuthors:
    def test_et_al_stands_for_those_not_named(self) -> None:
        assert short_authors(["A", "B", "C", "D"]) == "A, B, C et al."
        assert short_authors(["A", "B"], n=1) == "A et al."

    def test_all_are_named_where_there_are_few(self) -> None:
        assert short_authors(['Bj\\"orn A', "B", "C"]) == "Björn A, B, C"
        assert short_authors([]) == ""


class TestSplitSentences:
    @pytest.mark.parametrize(
        "whole",
        [
            "Smith et al. show that it helps.",
            "Smith et al. (2020) and J. K. Rowling agree.",
            "Models, e.g. GPT-4, i.e. LLMs, win.",
            "As Fig. 3 and Eq. (2) say, 3.5 is more than 2.",
            "We compare A vs. B.",
            "See https://a.org/x.Html for more.",
            "It wins by $p < .05. Q$ today.",
            "Node.js, torch.Tensor2 and StatBot.Swiss are used.",
            "We wait... and see.",
            "It runs in the U.S. Senate.",
            "1. This is numbered.",
            "It is \\emph{good.}",
        ],
    )
    def test_a_whole_sentence_stays_whole(self, whole: str) -> None:
        assert sentences(whole) == [whole]

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("We do. It works.", ["We do.", "It works."]),
            ("By Smith et al. We differ.", ["By Smith et al.", "We differ."]),
            ("The margin distribution.We also win.", ["The margin distribution.", "We also win."]),
            ('Why (so)? "Because." Yes!', ["Why (so)?", '"Because."', "Yes!"]),
            ("(It is.) See https://a.org. End", ["(It is.)", "See https://a.org.", "End"]),
            ("It ends... But how? xLSTM wins.", ["It ends...", "But how?", "xLSTM wins."]),
            ("It is \\emph{good.} We know.", ["It is \\emph{good.}", "We know."]),
            ("It takes vitamin C. We know.", ["It takes vitamin C.", "We know."]),
            ("The answer is no. We stop.", ["The answer is no.", "We stop."]),
            ("これは。それは。", ["これは。", "それは。"]),
            ("  spaces  around.  ", ["spaces  around."]),
            ("no full stop", ["no full stop"]),
            ("", []),
            (" \n ", []),
        ],
    )
    def test_sentences_end_where_a_reader_ends_them(self, text: str, parts: list[str]) -> None:
        assert sentences(text) == parts

    @given(st.text() | PROSE | TEX)
    @settings(max_examples=400)
    def test_spans_hold_all_text_in_order_and_never_overlap(self, text: str) -> None:
        spans = split_sentences(text)
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(start < end for start, end in spans)
        assert all(part == part.strip() for part in sentences(text))
        assert re.sub(r"\s", "", "".join(sentences(text))) == re.sub(r"\s", "", text)
