"""Bytes that claim to be XML → a tree, or a reason to ask again (pure)."""

from lxml import etree

from digest.errors import SourceError
from digest.harvest.source import PassingFault


def parse_xml(content: bytes, root: str) -> "etree._Element":
    """Return the root element, which must be called `root` ("{namespace}name").

    Entities are not resolved, nothing is fetched, and a document type is refused: none of arXiv's answers has one.

    Raises:
        PassingFault: it is no XML, is cut short, or is something else, such as a page that says "Rate exceeded".
        SourceError: it declares a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise PassingFault(f"arXiv's answer is cut short or no XML ({error})") from error
    if tree.getroottree().docinfo.doctype:
        raise SourceError(
            "arXiv's answer declares a DOCTYPE, as none of arXiv's own does: check [harvest] in digest.toml"
        )
    if tree.tag != root:
        expected, found = etree.QName(root).localname, etree.QName(tree).localname[:40]
        raise PassingFault(f"arXiv's answer is no <{expected}> but <{found}>")
    return tree
