# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
Cutouts on disk: the bytes of each answer as they came, one file for one request.

A file's name is made of a hash of the request and one of its content, so that it is verified by
what it holds whenever it is read. It is written under another name and renamed: several
processes can share a cache, and one that is killed leaves nothing behind that could be mistaken.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from astropy.config import ConfigItem, ConfigNamespace, get_cache_dir_path

from agnsf.files import write_whole
from agnsf.roles import CutoutError

__all__ = ["CacheInfo", "CutoutCache", "Kept", "NotKeptError", "conf", "default_folder"]

_OUTSIDE = "outside"
_KEY_LENGTH = 32
_SUFFIXES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"SIMPLE": "fits", b"BZh": "bz2"}


class Conf(ConfigNamespace):
    """Settings of the cutout cache, in the section ``[cache]`` of ``agnsf.cfg``."""

    rootname = "agnsf"
    folder = ConfigItem("", "Folder of the cutout cache; empty for one in the user's cache folder.", cfgtype="string")


#: The settings of this module.
conf = Conf()


def default_folder():
    """
    Return the folder of the cutout cache.

    Returns
    -------
    folder : `~pathlib.Path`
        The setting ``folder`` of the section ``[cache]`` in ``agnsf.cfg``, else ``cutouts`` in
        the user's cache folder for agnsf.
    """
    return Path(conf.folder).expanduser() if conf.folder else get_cache_dir_path("agnsf") / "cutouts"


class NotKeptError(CutoutError):
    """The cache has no answer to a request, and no server may be asked."""

    def __init__(self):
        super().__init__("missing", "it is not in the cutout cache, and --offline allows no request")


@dataclass(frozen=True)
class CacheInfo:
    """
    What a cache holds.

    Parameters
    ----------
    folder : `~pathlib.Path`
        Where it lies.
    files : int
        Number of answers that are kept.
    outside : int
        Number of requests known to lie outside a footprint.
    size : int
        Bytes of all of it.
    """

    folder: Path
    files: int
    outside: int
    size: int


@dataclass(frozen=True)
class Kept:
    """
    What a cache has for one request.

    Parameters
    ----------
    path : `~pathlib.Path`
        Its file.
    data : bytes or None
        The answer as it came; None where the request is known to lie outside the footprint.
    outside : str
        Why it lies outside the footprint; else empty.
    """

    path: Path
    data: bytes | None
    outside: str


def _hash(data):
    return hashlib.sha256(data).hexdigest()


def _suffix(data):
    return next((suffix for magic, suffix in _SUFFIXES.items() if data.startswith(magic)), "data")


def _finished(place, key):
    """Return the names of the finished files of a request; those of others begin with a dot."""
    try:
        with os.scandir(place) as files:
            return sorted(file.name for file in files if file.name.startswith(key))
    except (FileNotFoundError, NotADirectoryError):
        return []


class CutoutCache:
    """
    A folder that keeps the answers to requests.

    Parameters
    ----------
    folder : path-like or None, optional
        By default `default_folder`. It is made when something is first kept.

    Examples
    --------
    >>> import tempfile
    >>> from agnsf.cache import CutoutCache
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = CutoutCache(folder)
    ...     path = cache.keep('https://example.org/1', b'an answer')
    ...     cache.find('https://example.org/1').data
    b'an answer'
    """

    def __init__(self, folder=None):
        self.folder = default_folder() if folder is None else Path(folder)

    def _place(self, request):
        """Return the folder and the key of a request; 4,096 folders, a few hundred files each."""
        key = _hash(request.encode())[:_KEY_LENGTH]
        return self.folder / key[:3], key

    def find(self, request):
        """
        Return what is kept for a request.

        Parameters
        ----------
        request : str
            The whole request: the URL.

        Returns
        -------
        kept : Kept or None
            None if nothing is kept. A file that is damaged is removed and counts as none.
        """
        outside, (place, key) = None, self._place(request)
        for name in _finished(place, key):
            path = place / name
            try:
                data = path.read_bytes()
            except OSError:  # another process has replaced it, or the disk is bad
                continue
            if name.endswith(_OUTSIDE):
                outside = Kept(path, None, data.decode("utf-8", "replace") or "outside the footprint")
            elif name.startswith(f"{key}.{_hash(data)[:_KEY_LENGTH]}."):
                return Kept(path, data, "")
            else:
                path.unlink(missing_ok=True)
        return outside

    def keep(self, request, data):
        """
        Keep an answer, in place of what was kept for the request.

        Parameters
        ----------
        request : str
            The whole request: the URL.
        data : bytes
            The answer, which has been checked.

        Returns
        -------
        path : `~pathlib.Path`
            Its file.

        Raises
        ------
        OSError
            If it cannot be written. What was kept before is still there then.
        """
        return self._write(request, f"{_hash(data)[:_KEY_LENGTH]}.{_suffix(data)}", data)

    def keep_outside(self, request, message):
        """
        Remember that a request lies outside the footprint.

        Parameters
        ----------
        request : str
            The whole request: the URL.
        message : str
            Why.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._write(request, _OUTSIDE, message.encode())

    def forget(self, request):
        """
        Remove what is kept for a request.

        Parameters
        ----------
        request : str
            The whole request: the URL.
        """
        place, key = self._place(request)
        for name in _finished(place, key):
            (place / name).unlink(missing_ok=True)

    def _write(self, request, ending, data):
        place, key = self._place(request)
        path, before = place / f"{key}.{ending}", _finished(place, key)
        try:
            try:
                write_whole(data, path)
            except FileNotFoundError:
                place.mkdir(parents=True, exist_ok=True)
                write_whole(data, path)
        except OSError as exc:
            raise OSError(exc.errno, f"the cutout cache cannot be written: {exc.strerror}", str(self.folder)) from exc
        for name in before:
            if name != path.name:
                (place / name).unlink(missing_ok=True)
        return path

    def _files(self):
        """Yield every file of ours, finished or left behind, and no other, as an `os.DirEntry`."""
        if self.folder.is_dir():
            with os.scandir(self.folder) as places:
                ours = [place for place in places if len(place.name) == 3 and place.is_dir(follow_symlinks=False)]
            for place in ours:
                with os.scandir(place) as files:
                    yield from (file for file in files if f".{place.name}" in f".{file.name}")

    def info(self):
        """
        Count what is kept.

        Returns
        -------
        info : CacheInfo
            Numbers and bytes.
        """
        files = outside = size = 0
        for file in self._files():
            size += file.stat().st_size
            if not file.name.startswith("."):
                outside += file.name.endswith(_OUTSIDE)
                files += not file.name.endswith(_OUTSIDE)
        return CacheInfo(self.folder, files, outside, size)

    def clear(self):
        """
        Remove everything that is kept, and what killed processes have left.

        Returns
        -------
        info : CacheInfo
            What was removed.
        """
        info = self.info()
        places = set()
        for file in self._files():
            Path(file.path).unlink(missing_ok=True)
            places.add(Path(file.path).parent)
        for place in places:
            if not any(place.iterdir()):
                place.rmdir()
        return info
