"""A hub on this machine that speaks what ``huggingface_hub`` needs to fetch and to commit files."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants

COMMIT = 'c' * 40


class Hub:
    """Files by ``OWNER/NAME`` and path, at one commit; large ones by their digest.

    Attributes:
        files: Contents by repository and path.
        requests: Method and path of each request.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.large: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        handler = type('Handler', (_Handler,), dict(hub=self))
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def use(self, monkeypatch, cache: Path) -> None:
        """Be what ``huggingface_hub`` talks to, with an empty cache, as HF_ENDPOINT would say."""
        constants = huggingface_hub.constants
        template = self.url + '/{repo_id}/resolve/{revision}/{filename}'
        monkeypatch.setattr(constants, 'ENDPOINT', self.url)
        monkeypatch.setattr(constants, 'HUGGINGFACE_CO_URL_TEMPLATE', template)
        monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(cache))
        monkeypatch.setattr(constants, 'HF_HUB_DISABLE_XET', True)  # a protocol of its own

    def close(self) -> None:
        """Be out of reach."""
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:  # noqa: N802
        self.do_GET()

    def do_GET(self) -> None:  # noqa: N802
        parts = self._parts()  # OWNER, NAME, resolve, revision, file
        content = self.hub.files.get(('/'.join(parts[:2]), '/'.join(parts[4:])))
        if content is None:
            return self._answer(404, b'', {'X-Error-Code': 'EntryNotFound'})
        digest = hashlib.sha256(content).hexdigest()
        self._answer(200, content, {'ETag': f'"{digest}"', 'X-Repo-Commit': COMMIT})

    def do_PUT(self) -> None:  # noqa: N802
        self.hub.large[self._parts()[-1]] = self._body()
        self._answer(200, b'')

    def do_POST(self) -> None:  # noqa: N802
        parts, body = self._parts(), self._body()
        if parts[:2] == ['api', 'repos']:
            if not self.headers.get('Authorization'):
                return self._answer(401, b'{"error": "no token"}')
            asked = json.loads(body)
            self._json(dict(url=f'{self.hub.url}/{asked["organization"]}/{asked["name"]}'))
        elif parts[-1] == 'validate-yaml':
            self._json(dict(errors=[], warnings=[]))
        elif 'preupload' in parts:
            files = json.loads(body)['files']
            modes = {True: 'lfs', False: 'regular'}
            self._json(
                dict(files=[
                    dict(path=f['path'], uploadMode=modes[f['path'].endswith('.safetensors')],
                         shouldIgnore=False)
                    for f in files
                ])
            )  # fmt: skip
        elif parts[-2:] == ['objects', 'batch']:
            asked = json.loads(body)['objects']
            self._json(
                dict(transfer='basic', objects=[
                    dict(o, actions=dict(upload=dict(href=f'{self.hub.url}/large/{o["oid"]}')))
                    for o in asked
                ])
            )  # fmt: skip
        else:  # api, models, OWNER, NAME, commit, main
            self._commit('/'.join(parts[2:4]), body.decode().splitlines())

    def _commit(self, repository: str, lines: list[str]) -> None:
        for line in map(json.loads, lines):
            value = line['value']
            if line['key'] == 'file':
                self.hub.files[repository, value['path']] = base64.b64decode(value['content'])
            elif line['key'] == 'lfsFile':
                self.hub.files[repository, value['path']] = self.hub.large[value['oid']]
        url = f'{self.hub.url}/{repository}/commit/{COMMIT}'
        self._json(dict(commitUrl=url, commitOid=COMMIT, success=True))

    def _parts(self) -> list[str]:
        path = self.path.partition('?')[0]
        self.hub.requests.append((self.command, path))
        return path.strip('/').split('/')

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get('Content-Length', 0)))

    def _json(self, content: dict) -> None:
        self._answer(200, json.dumps(content).encode(), {'Content-Type': 'application/json'})

    def _answer(self, status: int, content: bytes, headers: dict | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), 'Content-Length': str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(content)

    def log_message(self, *_) -> None:
        """Print nothing."""
