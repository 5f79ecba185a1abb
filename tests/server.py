# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
An image server on this machine that misbehaves on request.

The first part of a path names the behavior: ``/good/jpeg-cutout?ra=...`` answers as the Legacy
Survey viewer does, ``/drip/jpeg-cutout?ra=...`` byte by byte. Run as a program it serves until it
is stopped: ``python server.py --latency 0.1`` prints its address.
"""

import argparse
import io
import json
import socket
import struct
import sys
import threading
import time
import zlib
from collections import Counter
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from astropy.io import fits
from PIL import Image, ImageDraw

GRAY = 32  # of the viewer where it has no data


@lru_cache(maxsize=64)
def picture(size, seed=0):
    """Return the bytes of a JPEG of a round galaxy on a noisy sky."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((size, size)) - (size - 1) / 2
    light = 180 * np.exp(-np.hypot(x, y) / (size / 12))[..., None] * np.array([1.0, 0.8, 0.6])
    return jpeg(GRAY + light + rng.normal(0, 4, (size, size, 3)))


def jpeg(pixels):
    """Return pixels as the bytes of a JPEG."""
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(file, "jpeg", quality=90)
    return file.getvalue()


def gray_picture(size, share=1.0):
    """Return a picture whose upper part, of that share, is without data."""
    pixels = np.array(Image.open(io.BytesIO(picture(size))))
    pixels[: round(size * share)] = GRAY
    return jpeg(pixels)


def bomb():
    """Return a PNG that says to have 16,000 x 16,000 pixels, and ends there."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 16_000, 16_000, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 4) + b"IDAT" + bytes(8)


def black_picture(size):
    """Return what the SkyServer draws outside the footprint of SDSS."""
    image = Image.new("RGB", (size, size))
    draw = ImageDraw.Draw(image)
    draw.text((size // 20, size // 3), "Requested (ra, dec) is outside\nthe SDSS footprint.", fill="white")
    return jpeg(np.asarray(image))


def flux_file(query, *, bands=None, shift=0.0, stretch=1.0, share_without_data=0.0, value=None, inverse_variance=False):
    """Return a FITS file as the viewer makes it, in one of many ways wrong."""
    size, scale = int(query["size"]), float(query["pixscale"]) * stretch
    bands = bands or query.get("bands", "grz")
    y, x = np.indices((size, size)) - (size - 1) / 2
    flux = 0.01 + np.exp(-np.hypot(x, y) / (size / 12)).astype(np.float32)
    cube = np.stack([flux * (1 + number) for number in range(len(bands))])
    cube[:, : round(size * share_without_data)] = 0
    if value is not None:
        cube[:] = value
    header = fits.Header({"SURVEY": "LegacySurvey", "IMAGETYP": "IMAGE", "BANDS": bands})
    header.update({f"BAND{number}": band for number, band in enumerate(bands)})
    header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": float(query["ra"])})
    header.update({"CRVAL2": float(query["dec"]) + shift, "CRPIX1": (size + 1) / 2, "CRPIX2": (size + 1) / 2})
    header.update({"CD1_1": -scale / 3600, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": scale / 3600})
    image = cube[0] if len(bands) == 1 else cube
    hdus = [fits.PrimaryHDU(image, header)]
    if "invvar" in query:
        hdus.append(fits.ImageHDU(np.full_like(image, 4.0), fits.Header({"IMAGETYP": "INVVAR"})))
    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file)
    return file.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        behavior, _, rest = parts.path.lstrip("/").partition("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        count = self.server.images.enter(self.path, dict(self.headers))
        try:
            time.sleep(self.server.images.latency)
            getattr(self, f"do_{behavior}")(rest, query, count)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.server.images.leave()

    def answer(self, body, *, kind="image/jpeg", status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", len(body) if length is None else length)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def flux(self, body):
        self.answer(body, kind="image/fits")

    def width(self, query):
        return int(query.get("size") or query["width"])

    def do_good(self, rest, query, count):
        if rest.startswith("fits"):
            return self.flux(flux_file(query))
        seed = round(float(query["ra"]) * 1e4) % 16
        return self.answer(picture(self.width(query), seed))

    def do_stats(self, rest, query, count):
        self.answer(json.dumps(dict(self.server.images.counts)).encode(), kind="application/json")

    def do_files(self, rest, query, count):
        """Serve a folder, as a web server serves a HiPS."""
        path = (self.server.images.folder / rest).resolve()
        if not path.is_file() or not path.is_relative_to(self.server.images.folder.resolve()):
            return self.answer(b"no such file", kind="text/plain", status=404)
        return self.answer(path.read_bytes(), kind="application/octet-stream")

    def do_html(self, rest, query, count):
        self.answer(b"<html>no such layer</html>", kind="text/html")

    def do_disguised(self, rest, query, count):
        self.answer(b"<html>we are being restarted</html>")

    def do_gray(self, rest, query, count):
        if rest.startswith("fits"):
            return self.answer(b"NoOverlapError", kind="text/html", status=500)
        return self.answer(gray_picture(self.width(query)))

    def do_half(self, rest, query, count):
        if rest.startswith("fits"):
            return self.flux(flux_file(query, share_without_data=0.5))
        return self.answer(gray_picture(self.width(query), 0.5))

    def do_zeros(self, rest, query, count):
        self.flux(flux_file(query, value=0))

    def do_nan(self, rest, query, count):
        self.flux(flux_file(query, value=np.nan))

    def do_error500(self, rest, query, count):
        if rest.startswith("jpeg"):
            return self.answer(picture(self.width(query)))
        return self.answer(b"", kind="text/html", status=500)

    def do_once500(self, rest, query, count):
        self.do_good(rest, query, count) if count > 1 else self.answer(b"", status=500)

    def do_always500(self, rest, query, count):
        self.answer(b"", status=500)

    def do_twice503(self, rest, query, count):
        self.do_good(rest, query, count) if count > 2 else self.answer(b"", status=503)

    def do_always503(self, rest, query, count):
        self.answer(b"", status=503)

    def do_later429(self, rest, query, count):
        self.do_good(rest, query, count) if count > 1 else self.answer(b"", status=429, Retry_After="1")

    def do_muchlater429(self, rest, query, count):
        self.answer(b"", status=429, Retry_After="86400")

    def do_bad400(self, rest, query, count):
        self.answer(b"Need ra,dec keywords", kind="text/plain", status=400)

    def do_gone404(self, rest, query, count):
        self.answer(b"Requested (ra, dec) is outside the SDSS footprint.", kind="text/plain", status=404)

    def do_moved(self, rest, query, count):
        self.answer(b"", status=301, Location=self.path.replace("/moved/", "/good/"))

    def do_circle(self, rest, query, count):
        self.answer(b"", status=302, Location=self.path)

    def do_tofile(self, rest, query, count):
        self.answer(b"", status=302, Location="file:///etc/passwd")

    def do_truncated(self, rest, query, count):
        body = picture(self.width(query))
        self.close_connection = True
        self.answer(body[: len(body) // 2], length=len(body))

    def do_short(self, rest, query, count):
        """Give half of a picture and say that it is all."""
        body = picture(self.width(query))
        self.answer(body[: len(body) // 2])

    def do_empty(self, rest, query, count):
        self.answer(b"")

    def do_clip(self, rest, query, count):
        self.answer(picture(min(self.width(query), 100)))

    def do_bomb(self, rest, query, count):
        self.answer(bomb(), kind="image/png")

    def do_otherbands(self, rest, query, count):
        self.flux(flux_file(query, bands="gri"))

    def do_elsewhere(self, rest, query, count):
        self.flux(flux_file(query, shift=0.01))

    def do_otherscale(self, rest, query, count):
        self.flux(flux_file(query, stretch=2.0))

    def do_oddlength(self, rest, query, count):
        self.flux(flux_file(query)[:-100])

    def do_black(self, rest, query, count):
        self.answer(black_picture(self.width(query)))

    def do_drip(self, rest, query, count):
        body = picture(self.width(query))
        self.answer(b"", length=len(body))
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            time.sleep(0.05)

    def do_silent(self, rest, query, count):
        time.sleep(5)
        self.close_connection = True

    def do_reset(self, rest, query, count):
        body = picture(self.width(query))
        self.answer(body[:100], length=len(body))
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_endless(self, rest, query, count):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"\xff\xd8\xff")
        while True:
            self.wfile.write(bytes(2**16))

    def do_huge(self, rest, query, count):
        self.answer(b"\xff\xd8\xff", length=10**12)
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that goes away is no error."""


class ImageServer:
    """
    The server, in threads of this process; a context manager.

    ``counts`` has how often each path was asked for, ``headers`` the last request's, ``busiest``
    the most requests that were ever under way at once.
    """

    def __init__(self, *, latency=0.0, folder=None):
        self.latency, self.folder = latency, folder
        self.counts, self.headers, self.busiest, self._busy = Counter(), {}, 0, 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.images = self
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def url(self, behavior):
        """Return the base_url at which the server behaves so."""
        return f"{self.address}/{behavior}"

    def enter(self, path, headers):
        with self._lock:
            self.counts[path] += 1
            self.headers = headers
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            return self.counts[path]

    def leave(self):
        with self._lock:
            self._busy -= 1

    def forget(self):
        """Forget what was asked so far."""
        self.counts.clear()
        self.busiest = 0

    def serve(self):
        self._server.serve_forever(poll_interval=0.02)

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    images = ImageServer(latency=parser.parse_args().latency)
    sys.stdout.write(f"{images.address}\n")
    sys.stdout.flush()
    images.serve()
