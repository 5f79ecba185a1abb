# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
Connections to servers, as the user's environment wants them.

requests knows the proxies, the certificates and the passwords that environment variables and
``.netrc`` name, but looks for them at each request, which takes longer than the request itself.
Here it is asked once for each server, and urllib3 makes the requests.
"""

import threading
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from agnsf.downloads._settings import conf

__all__ = ["Connections"]

_MOST = 64  # connections to one server that are kept open


@dataclass(frozen=True)
class _Server:
    """One server: its connections, what to send with each request, and whether to name it in the request."""

    pool: urllib3.HTTPConnectionPool
    headers: dict[str, str]
    by_proxy: bool


class Connections:
    """The connections to any number of servers, for several threads."""

    def __init__(self):
        contact = conf.contact or "https://agnsf.readthedocs.io"
        self._session, self._lock, self._servers = requests.Session(), threading.Lock(), {}
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_MOST))
        self._session.headers.update(
            {"User-Agent": f"agnsf/{version('agnsf')} (+{contact})", "Accept": "*/*", "Accept-Encoding": "identity"}
        )
        self._timeout = urllib3.Timeout(connect=conf.connect_timeout, read=conf.read_timeout)

    def get(self, url):
        """
        Make a request, and leave its body to be read.

        Parameters
        ----------
        url : str
            Of http or https.

        Returns
        -------
        response : `urllib3.response.BaseHTTPResponse`
            A redirect is not followed.
        """
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        with self._lock:
            if key not in self._servers:
                self._servers[key] = self._find(url)
            server = self._servers[key]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")  # urllib3 quotes what needs it
        target = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}" if server.by_proxy else path
        return server.pool.urlopen(
            "GET",
            target,
            headers=server.headers,
            timeout=self._timeout,
            redirect=False,
            retries=False,
            preload_content=False,
        )

    def _find(self, url):
        settings = self._session.merge_environment_settings(url, {}, None, None, None)
        request = self._session.prepare_request(requests.Request("GET", url))
        adapter, proxies = self._session.get_adapter(url), settings["proxies"]
        pool = adapter.get_connection_with_tls_context(request, settings["verify"], proxies, settings["cert"])
        by_proxy = "://" in adapter.request_url(request, proxies).partition("?")[0]
        return _Server(pool, dict(request.headers), by_proxy)

    def close(self):
        """Close all of them."""
        self._session.close()
