"""The folder of the built site → answers: its files as they are now, and nothing outside of it."""

import os
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

# By the ending, not by what this machine believes: its list of types may miss or bend the newer ones.
_TYPES = {
    ".atom": "application/atom+xml",
    ".bib": "text/x-bibtex; charset=utf-8",
    ".bin": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".epub": "application/epub+zip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".ris": "application/x-research-info-systems; charset=utf-8",
    ".rss": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_NAMED = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml", "feed.json": "application/feed+json"}
_NOWHERE = "404.html/nothing"  # below a file there is none


def media_type(name: str) -> str:
    """Return the content type of a file of the site, by its name."""
    return _NAMED.get(name) or _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


class Site(StaticFiles):
    """Sends the site's files, with its own page where there is none; the folder may come and change while it serves."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    async def check_config(self) -> None:
        """Nothing: a site that is not built yet is no fault of the server."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file; its type is ours.

        Raises:
            HTTPException: there is no such file and no page that says so, or it may not be read.
        """
        try:
            response = await super().get_response(path, scope)
        except HTTPException:  # a name that is too long, or a file that nobody may read
            response = await self._lost(scope)
        if isinstance(response, RedirectResponse):
            response.headers["location"] = _with_slash(scope)
        file = getattr(response, "path", None)  # of those that send one
        if file is not None:
            response.headers["content-type"] = media_type(os.path.basename(file))  # noqa: PTH119  it is a text
        return response

    async def _lost(self, scope: Scope) -> Response:
        try:
            return await super().get_response(_NOWHERE, scope)
        except HTTPException as error:
            raise HTTPException(404, "this page is not here") from error


def _with_slash(scope: Scope) -> str:
    """Return the way from a folder's address to itself with a slash, without a host, which a proxy may change."""
    query = scope["query_string"].decode("ascii", "replace")
    return f"./{quote(scope['path'].rpartition('/')[2])}/" + (f"?{query}" if query else "")
