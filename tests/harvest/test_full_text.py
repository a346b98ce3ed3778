"""A paper's full text is read into passages with their sections, from arXiv's HTML and from a PDF."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from digest.errors import UsageError
from digest.harvest.page_text import read_page
from digest.harvest.pdf_text import read_pdf

# In the manner of arXiv's pages, which LaTeXML makes.
PAGE = """<!DOCTYPE html><html lang="en"><head><title>T</title><script>alert(1)</script></head><body>
<header class="desktop_header"><nav class="ltx_TOC"><p>Table of contents, which is not the paper.</p></nav></header>
<article class="ltx_document">
<h1 class="ltx_title ltx_title_document">On Bounded Memory</h1>
<div class="ltx_authors"><p class="ltx_p">Ada Lovelace, University of Somewhere, ada@example.org</p></div>
<div class="ltx_abstract"><h6 class="ltx_title ltx_title_abstract">Abstract</h6>
<p class="ltx_p" id="id1.p1">We bound the memory of <em>Transformers</em> and read 1M tokens.</p></div>
<section id="S1" class="ltx_section"><h2 class="ltx_title"><span class="ltx_tag">1 </span>Introduction</h2>
<div id="S1.p1" class="ltx_para"><p class="ltx_p">Attention costs <math alttext="O(n^{2})"><mi>O</mi></math>
time, which<cite class="ltx_cite">(Vaswani, 2017)</cite> many have deplored.</p></div>
<figure class="ltx_figure"><p>A caption of a figure, which stands apart.</p></figure>
<section id="S1.SS1"><h3 class="ltx_title">1.1 A &amp; B</h3><p class="ltx_p">Short.</p>
<p class="ltx_p" id="S1.SS1.p2">A longer paragraph &lt;b&gt;with&lt;/b&gt; signs of markup in it.</p></section>
</section>
<section id="bib" class="ltx_bibliography"><h2>References</h2>
<p>Vaswani et al., Attention is all you need, 2017.</p></section>
<section><h2>Acknowledgments</h2><p>We thank everybody who has read this far.</p></section>
</article></body></html>"""


def test_a_page_is_read_paragraph_by_paragraph_with_sections_and_anchors() -> None:
    passages = read_page(PAGE.encode(), "page.html")
    assert [(one.section, one.anchor) for one in passages] == [
        ("Abstract", "id1.p1"),
        ("1 Introduction", "S1.p1"),
        ("1.1 A & B", "S1.SS1.p2"),
    ]
    assert passages[0].text == "We bound the memory of Transformers and read 1M tokens."
    assert passages[1].text.startswith("Attention costs $O(n^{2})$ time, which(Vaswani, 2017)")
    assert passages[2].text == "A longer paragraph <b>with</b> signs of markup in it."


@pytest.mark.parametrize("content", [b"", b"   ", b"<html></html>", b"\x00\x01\x02", b"<p>too short</p>"])
def test_a_page_without_paragraphs_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"^page\.html ") as caught:
        read_page(content, "page.html")
    assert "\n" not in str(caught.value)


@given(st.text())
def test_whatever_a_page_holds_it_is_read_or_refused(text: str) -> None:
    page = f"<h2>{text}</h2><p>This paragraph is long enough to be one. {text}</p>".encode("utf-8", "replace")
    try:
        passages = read_page(page, "page.html")
    except UsageError:
        return
    assert all("\n" not in one.text and one.text.isprintable() for one in passages)


def _pdf(*pages: str) -> bytes:
    """Return a PDF with a line of text for each line of each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, page in enumerate(pages):
        drawn = " ".join(f"({line}) Tj T*" for line in page.splitlines())
        stream = f"BT /F1 10 Tf 12 TL 40 800 Td {drawn} ET"
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        size = "/MediaBox [0 0 600 850]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {size} {resources} /Contents {5 + 2 * n} 0 R >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    head = f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{table}"
    return f"{body}{head}trailer << /Size {len(offsets) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF".encode()


@pytest.mark.parametrize("odd", ["\x00", "\x02", "\x1b", "\ufffe"])
def test_characters_that_xml_does_not_have_are_passed_over(odd: str) -> None:
    page = PAGE.replace("time, which", f"time,{odd} which").replace("O(n^{2})", f"O(n^{odd}{{2}})")
    page = page.replace("</figure>", f"</figure>{odd}")
    assert read_page(page.encode(), "page") == read_page(PAGE.encode(), "page")


def test_a_pdf_is_read_by_sections_and_pages_and_cut_words_are_joined() -> None:
    content = _pdf(
        "On Bounded Memory\nAbstract\nWe bound the memory of Trans-\nformers and read 1M tokens.\n1 Introduction\n"
        "Attention is costly, as many have said before.",
        "It stays so on the second page of this paper.\n2.1 What We Do\nWe compress what was read before into a matrix."
        "\nReferences\nVaswani et al. Attention is all you need. 2017.",
    )
    assert [(one.section, one.anchor, one.text) for one in read_pdf(content, "paper.pdf")] == [
        ("Abstract", "page=1", "We bound the memory of Transformers and read 1M tokens."),
        ("1 Introduction", "page=1", "Attention is costly, as many have said before."),
        ("1 Introduction", "page=2", "It stays so on the second page of this paper."),
        ("2.1 What We Do", "page=2", "We compress what was read before into a matrix."),
    ]


def _locked() -> bytes:
    writer, kept = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(_pdf("A page that nobody may read without a password."))))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"%PDF-1.4\nnothing more", "cannot be read as a PDF"),
        (_pdf(""), "holds no text"),
        (_locked(), "cannot be read as a PDF"),
        (_pdf("A page that is long enough.")[:200], "paper"),
        (_pdf("A page that is long enough.").replace(b"12 TL", b"1 0 R"), "paper"),
    ],
    ids=["broken", "without text", "locked", "cut", "with a reference in its text"],
)
def test_a_pdf_that_cannot_be_read_is_refused_with_one_line(content: bytes, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        read_pdf(content, "paper.pdf")
    assert "\n" not in str(caught.value)
