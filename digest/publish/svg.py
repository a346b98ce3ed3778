"""matplotlib's SVG → an <svg> element that stands in a page: no style, id, script or address of its own (pure).

Its stand-in colours become classes, which the style sheet gives their colours in the light and the dark scheme.
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_LONG = re.compile(r"-?\d+\.\d{2,}")
_DOT = re.compile(r"M (\S+) (\S+) L \1 \2(?= |$)")
_PRESENTED = {"stroke-width", "stroke-linecap", "text-anchor", "font-size", "font-weight"}


def in_page(drawn: bytes, classes: Mapping[str, str], *, title: str, alt: str, anchor: str) -> str:
    """Return the drawing with its title and description; `classes` names the class of each stand-in colour."""
    parsed = etree.fromstring(drawn, etree.XMLParser(resolve_entities=False, no_network=True))
    svg = etree.Element("svg", {
        "class": "chart", "viewBox": parsed.get("viewBox", ""), "role": "img",
        "aria-labelledby": f"{anchor}-title {anchor}-alt",
    })  # fmt: skip
    etree.SubElement(svg, "title", {"id": f"{anchor}-title"}).text = title
    etree.SubElement(svg, "desc", {"id": f"{anchor}-alt"}).text = alt
    linked = False
    for child in parsed:
        for element in _flat(child, classes):
            svg.append(element)
            linked = linked or element.tag == "a"
    if linked:
        svg.set("role", "group")  # what is inside an image cannot be reached; links must
    return str(etree.tostring(svg, encoding="unicode"))


def _flat(element: etree._Element, classes: Mapping[str, str]) -> Iterator[etree._Element]:
    """Yield what is drawn, out of matplotlib's nested groups."""
    tag = str(element.tag).removeprefix(_SVG)
    if tag in {"path", "text"} and not _is_unseen(element):
        yield _plain(element, tag, classes)
    elif tag == "a":
        yield from _link(element, classes)
    elif tag == "g":
        for child in element:
            yield from _flat(child, classes)


def _is_unseen(element: etree._Element) -> bool:
    style = _style(element)
    return element.tag == f"{_SVG}path" and style.get("fill", "") == "none" and style.get("stroke", "none") == "none"


def _link(element: etree._Element, classes: Mapping[str, str]) -> Iterator[etree._Element]:
    address, _, name = element.get(f"{_XLINK}href", "").partition(" ")
    link = etree.Element("a", {"href": address})
    for child in element:
        for drawn in _flat(child, classes):
            if name:
                etree.SubElement(drawn, "title").text = name
            link.append(drawn)
    if name:
        link.set("aria-label", name)
    yield link


def _style(element: etree._Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";") if part.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _plain(element: etree._Element, tag: str, classes: Mapping[str, str]) -> etree._Element:
    """Copy an element without its style: colours become classes, the rest attributes."""
    style = _style(element)
    plain = etree.Element(tag)
    named = [f"{paint}-{classes[style[paint]]}" for paint in ("fill", "stroke") if style.get(paint) in classes]
    if style.get("fill") == "none":
        plain.set("fill", "none")
    if named:
        plain.set("class", " ".join(named))
    for key in sorted(_PRESENTED & style.keys()):
        plain.set(key, style[key].removesuffix("px"))
    for key in ("x", "y"):
        if key in element.attrib:
            plain.set(key, _short(element.get(key, "")))
    if tag == "path":
        plain.set("d", _DOT.sub(r"M\1 \2h0", _short(" ".join(element.get("d", "").split()))))
    else:
        plain.text = "".join(element.itertext())
    return plain


def _short(numbers: str) -> str:
    return _LONG.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), numbers)
