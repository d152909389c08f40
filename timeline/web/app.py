"""The application: which page answers which address, as HTML or JSON, and who may ask."""

from __future__ import annotations

import functools
import hmac
import json
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from timeline.admission import Condition
from timeline.engine import Timeline
from timeline.formats import json_ready
from timeline.values import (
    AppendConflict,
    LockedFile,
    MissingExtra,
    NotAllowed,
    QueryTimeout,
    TimelineError,
    UnknownEntity,
    UnknownRecord,
    UnknownType,
    as_json_text,
)
from timeline.web import pages, states, supposing
from timeline.web.questions import Answer, Asks, Download, Elsewhere, Question, Sheet
from timeline.web.rendering import STATIC, templates
from timeline.web.serving import LOOPBACK
from timeline.web.urls import Urls, Viewed, page_of, statements_of

_PATIENCE: Final = 2.0
"""For how many seconds a page waits for a file that others hold."""
_KEPT: Final = 200
"""How many of the last answers are kept, for when others hold the file."""
WRITE: Final = "/write"
"""What is posted to, where that is allowed."""
_LONGEST: Final = 1_000_000
"""How many bytes may be posted at most."""
_COOKIE: Final = "timeline-token"
_PAUSE: Final = 1.0
"""How often it is looked whether more was appended, in seconds."""
_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_PICTURE: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What a picture may do, if it is opened by itself."""

PAGES: Final[dict[str, Asks]] = {
    "/": pages.home,
    "/ask": states.ask,
    "/state/{state}/{a}": states.state,
    "/state/{state}/{a}/{b}": states.state,
    "/entity/{entity}": states.entity,
    "/record/{record}": pages.record,
    "/log": pages.log,
    "/sources": pages.sources,
    "/source": pages.source,
    "/say": supposing.say,
    "/moves": supposing.moves,
    "/read": supposing.read,
    "/check": pages.check,
    "/search": pages.search,
    "/sql": pages.sql,
    "/types": pages.types,
    "/types/{name}": pages.kind,
    "/picture/{what}": states.picture,
    "/picture/{what}/{state}/{a}": states.picture,
    "/picture/{what}/{state}/{a}/{b}": states.picture,
}
"""What answers which address."""


def application(
    path: str | os.PathLike[str],
    *,
    catalogue: str | None = None,
    host: str = "127.0.0.1",
    token: str | None = None,
    allow_write: bool = False,
) -> Starlette:
    """The explorer of a timeline, as an ASGI application that answers to requests for `host` alone.

    Each page opens the file for itself, to be read only. With `allow_write`, what is supposed can be written.
    """
    explorer = _Explorer(os.fspath(path), catalogue, secrets.token_urlsafe(24) if allow_write else None)
    routes = [Route(address, explorer.answering(asks)) for address, asks in PAGES.items()]
    if allow_write:
        routes.append(Route(WRITE, explorer.write, methods=["POST"]))
    app = Starlette(
        routes=[
            *routes,
            Route("/live", explorer.live),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={404: explorer.absent},
    )
    app.add_middleware(_Guard, host=host, token=token, posted=WRITE if allow_write else None)
    return app


class _Guard:
    """Lets in who asks for this host, from a page of it, with the token if there is one.

    Only to read, but for the address that may be posted to, if there is one. Where it serves others, the
    token tells who may ask, under whatever name they know the machine by.
    """

    def __init__(self, app: ASGIApp, host: str, token: str | None, posted: str | None) -> None:
        self._app, self._token, self._posted = app, token, posted
        self._any = token is not None and host.lower() not in LOOPBACK
        self._hosts = LOOPBACK | {host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope) or self._app
        await answer(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """What is answered in place of the page; None if it may be asked for."""
        headers, asked = Headers(scope=scope), QueryParams(scope["query_string"])
        name = _hostname(headers.get("host", ""))
        if not name or not (self._any or name in self._hosts):
            return PlainTextResponse("this is no name of this server", 421)
        posted = scope["method"] == "POST" and scope["path"] == self._posted
        if scope["method"] not in {"GET", "HEAD"} and not posted:
            return PlainTextResponse("this explorer only reads", 405)
        origin = headers.get("origin")
        if origin is not None and _hostname(origin.partition("://")[2]) not in ({name} | self._hosts):
            return PlainTextResponse("asked by a page of somewhere else", 403)
        if self._token is None:
            return None
        given = asked.get("token")
        if given is not None and _same(given, self._token):
            rest = [(name, value) for name, value in asked.multi_items() if name != "token"]
            path = quote(scope["path"])
            answer = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
            answer.set_cookie(_COOKIE, self._token, httponly=True, samesite="strict")
            return answer
        if not _same(Request(scope).cookies.get(_COOKIE, ""), self._token):
            return PlainTextResponse("a token is needed: open the address that the server told", 403)
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _hostname(netloc: str) -> str:
    """The name of a host without its port, as it is compared."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:
        return ""


class _Explorer:
    """What all pages share: the file, the templates, and the last answers."""

    def __init__(self, path: str, catalogue: str | None, secret: str | None) -> None:
        self._path, self._catalogue, self._secret = path, catalogue, secret
        self._templates = templates()
        self._last: OrderedDict[str, Sheet] = OrderedDict()
        self._lock = threading.Lock()

    def answering(self, asks: Asks) -> Callable[[Request], Response]:
        """What answers an address with a page."""

        @functools.wraps(asks)
        def answer(request: Request) -> Response:
            viewed = Viewed.read(request.query_params.multi_items())
            try:
                found = self._asked(asks, viewed, request)
            except LockedFile as problem:
                return self._from_before(request, viewed, problem)
            except TimelineError as problem:
                return self._refused(request, viewed, problem)
            if isinstance(found, Elsewhere):
                return RedirectResponse(_as_asked(request, found.url), 303)
            if isinstance(found, Download):
                return _file(found)
            self._keep(str(request.url), found)
            return self._shown(request, viewed, found)

        return answer

    def _asked(self, asks: Asks, viewed: Viewed, request: Request) -> Answer:
        opened = Timeline.open(self._path, read_only=True, catalogue=self._catalogue, lock_timeout=_PATIENCE)
        with opened as recorded:
            return asks(
                Question(
                    timeline=viewed.supposing(recorded),
                    recorded=recorded,
                    viewed=viewed,
                    parts=request.path_params,
                    asked=dict(request.query_params),
                )
            )

    def _keep(self, url: str, page: Sheet) -> None:
        with self._lock:
            self._last[url] = page
            self._last.move_to_end(url)
            while len(self._last) > _KEPT:
                self._last.popitem(last=False)

    def _from_before(self, request: Request, viewed: Viewed, problem: LockedFile) -> Response:
        """The last answer to the same, with who holds the file; or that, if there was none."""
        with self._lock:
            found = self._last.get(str(request.url))
        if found is None:
            return self._refused(request, viewed, problem)
        return self._shown(request, viewed, found, holder=problem.holder)

    def _shown(
        self,
        request: Request,
        viewed: Viewed,
        page: Sheet,
        *,
        status: int = 200,
        holder: str | None = None,
    ) -> Response:
        if _wants_json(request):
            told = page.told() if holder is None else {"holder": holder, "last_answer": page.told()}
            return Response(
                as_json_text(json_ready(told), indent=2) + "\n", status, media_type="application/json"
            )
        text = self._templates.get_template(page.template).render(
            title=page.title,
            urls=Urls(viewed),
            viewed=viewed,
            path="/moves" if request.method == "POST" else quote(request.scope["path"]),
            asked=request.query_params,
            twin=_twin(request),
            holder=holder,
            secret=self._secret,
            file=Path(self._path).name,
            **page.shown,
        )
        return Response(text, status, media_type="text/html")

    def _refused(self, request: Request, viewed: Viewed, problem: TimelineError) -> Response:
        status = next((one for kind, one in _STATUS.items() if isinstance(problem, kind)), 400)
        page = Sheet(
            title="That cannot be answered",
            template="error.html",
            shown={"problem": str(problem)},
            told=lambda: {"error": type(problem).__name__, "problem": str(problem)},
        )
        return self._shown(request, viewed, page, status=status)

    async def write(self, request: Request) -> Response:
        """Append what was supposed, as a form of ours says; to the first of the new records."""
        import anyio

        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST:
                return PlainTextResponse("this is too long", 413)
        said: dict[str, list[str]] = parse_qs(body.decode("utf-8", "replace"))
        if not _same("".join(said.get("secret", [])), self._secret or ""):
            return PlainTextResponse("this is no form of this server, or of before it was restarted", 403)
        viewed = Viewed.read(("suppose", one) for one in said.get("suppose", []))
        try:
            where = await anyio.to_thread.run_sync(self._written, viewed, said)
        except TimelineError as problem:
            return self._refused(request, viewed, problem)
        return RedirectResponse(where, 303)

    def _written(self, viewed: Viewed, said: Mapping[str, Sequence[str]]) -> str:
        opened = Timeline.open(self._path, catalogue=self._catalogue, lock_timeout=_PATIENCE)
        statements = statements_of(viewed.suppose, opened.catalogue)
        if not statements:
            raise NotAllowed("nothing is said that could be written")
        shown = Condition(after=page_of({"head": "".join(said.get("head", []))}, "head"))
        actor = "".join(said.get("actor", [])).strip() or None
        commit = opened.append(*statements, unless=shown, actor=actor)
        first = (*commit.records, *commit.unchanged)[0]
        return Urls(Viewed()).record(first.position)

    async def absent(self, request: Request, _problem: Exception) -> Response:
        """Where no page is."""
        page = Sheet(
            title="There is no such page",
            template="error.html",
            shown={"problem": "The address is none of the explorer."},
            told=lambda: {"error": "NotFound", "problem": "the address is none of the explorer"},
        )
        return self._shown(request, Viewed.read(request.query_params.multi_items()), page, status=404)

    async def live(self, request: Request) -> Response:
        """Tells the position of the newest record when there is one, as server-sent events."""
        import anyio

        async def told() -> AsyncIterator[str]:
            seen, last = self._stamp(), ""
            yield "retry: 3000\n\n"
            while not await request.is_disconnected():
                now = self._stamp()
                if now != seen or not last:
                    head = await anyio.to_thread.run_sync(self._head)
                    if head is not None:
                        seen = now
                        if head != last:
                            last = head
                            yield f"event: head\ndata: {head}\n\n"
                await anyio.sleep(_PAUSE)

        return StreamingResponse(told(), media_type="text/event-stream")

    def _stamp(self) -> tuple[float, ...]:
        """What changes where the file is written to."""
        found = []
        for path in (self._path, f"{self._path}.wal"):
            try:
                found.append(Path(path).stat().st_mtime)
            except OSError:
                found.append(0.0)
        return tuple(found)

    def _head(self) -> str | None:
        """The newest position; None while others hold the file."""
        try:
            head = Timeline.open(self._path, read_only=True, catalogue=False, lock_timeout=0.1).head()
        except TimelineError:
            return None
        return json.dumps({"position": head.position})


_STATUS: Final[dict[type[TimelineError], int]] = {
    UnknownEntity: 404,
    UnknownRecord: 404,
    UnknownType: 404,
    QueryTimeout: 408,
    AppendConflict: 409,
    LockedFile: 503,
    MissingExtra: 501,
}
"""The status of an answer that is an error, by the error; of all others 400."""


def _wants_json(request: Request) -> bool:
    """Whether JSON is asked for: by `format=json`, or by what is accepted."""
    if request.query_params.get("format") == "json":
        return True
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _twin(request: Request) -> str:
    """The address of the same page as JSON."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "format"]
    return f"{quote(request.scope['path'])}?{urlencode([*rest, ('format', 'json')])}"


def _as_asked(request: Request, url: str) -> str:
    """An address, as JSON if the one asked for was."""
    if request.query_params.get("format") != "json":
        return url
    return f"{url}{'&' if '?' in url else '?'}format=json"


def _file(found: Download) -> Response:
    if found.kind.startswith("image/"):
        headers = {"content-security-policy": _PICTURE}
    else:
        headers = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.content, media_type=found.kind, headers=headers)
