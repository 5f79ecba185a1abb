# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Where the cutouts of a pack go while it is made: into memory, or into a file that a later run goes on with."""

import json
import os
from pathlib import Path

import numpy as np

from agnsf.datasets.packs import PackError

__all__ = ["FileStore", "MemoryStore"]

_FLUSH = 1024  # rows between two entries in the journal


class MemoryStore:
    """
    Keep the cutouts in memory.

    Parameters
    ----------
    shape : tuple of int
        Of the array: rows first.
    dtype : `~numpy.dtype`
        Of the array.
    """

    def __init__(self, shape, dtype):
        self.done = {}
        self._images = np.zeros(shape, dtype)

    def put(self, row, pixels, status, message):
        """Take the outcome of one row; ``pixels`` is None where there is no image."""
        if pixels is not None:
            self._images[row] = pixels
        self.done[row] = (status, message)

    def images(self):
        """Return the array."""
        return self._images

    def close(self):
        """Nothing is open."""


class FileStore:
    """
    Keep the cutouts in ``cutouts.npy``, and a journal of the rows that are done.

    Plain writes, not a memory map: on a full disk they raise OSError, where a map would end the process.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist.
    shape : tuple of int
        Of the array: rows first.
    dtype : `~numpy.dtype`
        Of the array.
    identity : dict
        What must be the same for an unfinished pack to be continued; JSON-able.

    Raises
    ------
    PackError
        If the folder holds an unfinished pack of another identity.
    """

    def __init__(self, folder, shape, dtype, identity):
        self.done = {}
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path, self._journal = self.folder / "cutouts.npy", self.folder / "journal.jsonl"
        self._dtype, self._row_bytes = np.dtype(dtype), int(np.prod(shape[1:])) * np.dtype(dtype).itemsize
        head = json.dumps(identity, sort_keys=True)
        if self._journal.is_file() and self._path.is_file():
            self._read_journal(head)
            self._file = self._path.open("r+b", buffering=0)
        else:
            self._file = self._path.open("w+b", buffering=0)
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(
            self._file,
            {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": tuple(shape)},
        )
        self._start = self._file.tell()
        self._file.truncate(self._start + shape[0] * self._row_bytes)
        self._log = self._journal.open("a", encoding="utf-8")
        if self._journal.stat().st_size == 0:
            self._log.write(head + "\n")
        self._waiting = []

    def _read_journal(self, head):
        first, *lines = self._journal.read_text(encoding="utf-8").splitlines() or [head]
        if first != head:
            raise PackError(
                f"{self.folder} holds an unfinished pack of another table, image source or size; "
                "remove it or choose another folder"
            )
        for line in lines:
            try:
                row, status, message = json.loads(line)
            except ValueError:  # the last line of a run that was killed
                continue
            self.done[row] = (status, message)

    def put(self, row, pixels, status, message):
        """Take the outcome of one row; ``pixels`` is None where there is no image."""
        if pixels is not None:
            self._write(row, np.ascontiguousarray(pixels, dtype=self._dtype).tobytes())
        self.done[row] = (status, message)
        self._waiting.append((row, status, message))
        if len(self._waiting) >= _FLUSH:
            self.flush()

    def _write(self, row, data):
        try:
            self._file.seek(self._start + row * self._row_bytes)
            while data:  # an unbuffered file may take less than it is given
                data = data[self._file.write(data) :]
        except OSError as exc:
            exc.add_note(f"while writing {self._path}; the same command goes on from what is there")
            raise

    def flush(self):
        """Make sure that the pixels are on disk, then say so in the journal."""
        os.fsync(self._file.fileno())
        self._log.writelines(json.dumps(entry) + "\n" for entry in self._waiting)
        self._log.flush()
        self._waiting = []

    def images(self):
        """Return a read-only memory map of the array."""
        self.flush()
        return np.load(self._path, mmap_mode="r", allow_pickle=False)

    def close(self):
        """Write what is waiting, and close the files."""
        try:
            self.flush()
        finally:
            self._log.close()
            self._file.close()

    def finish(self):
        """Remove the journal: the pack is complete."""
        self._journal.unlink()
