# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The folder of a run: finished parts, and what must stay the same until all are there."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from agnsf.columns import AgnsfError
from agnsf.inference.claims import Claims
from agnsf.inference.parts import column_types, part_is_done, read_part, write_part

__all__ = ["RunError", "RunFolder"]

_FORMAT = 1


class RunError(AgnsfError):
    """A run folder cannot be used."""


def _flat(facts, prefix=""):
    """Return nested facts by dotted names."""
    found = {}
    for key, value in facts.items():
        name = f"{prefix}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


def _differences(before, now):
    before, now = _flat(before), _flat(now)
    names = sorted({*before, *now})
    return [f"{name}: {before.get(name)}, now {now.get(name)}" for name in names if before.get(name) != now.get(name)]


class RunFolder:
    """
    The folder in which a run keeps its finished parts: they are its checkpoint.

    Several processes may share it; each part is claimed by one of them.

    Parameters
    ----------
    path : path-like
        The folder, ``OUT.parts``.
    rows : int
        Rows of the table.
    part_rows : int, optional
        Rows of each part but the last: what a kill costs at most, for each process.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from agnsf.inference import RunFolder
    >>> with TemporaryDirectory() as folder:
    ...     run = RunFolder(f'{folder}/out.fits.parts', 2)
    ...     run.open({'model': 'mine'})
    ...     mine = run.claim(0)
    ...     kept = run.write(0, {'image_status': ['ok', 'ok'], 'p_agn': [0.5, 0.1]})
    ...     print(mine, kept, list(run.missing()), run.read(0)['p_agn'].tolist())
    ...     run.close()
    True True [] [0.5, 0.1]
    """

    def __init__(self, path, rows, *, part_rows=1024):
        self.path = Path(path)
        self.part_rows = part_rows
        self.lengths = [min(part_rows, rows - start) for start in range(0, rows, part_rows)]
        self._claims = None

    def frozen(self):
        """
        Return what the folder freezes.

        Returns
        -------
        facts : dict
            Empty where there is no such run yet.

        Raises
        ------
        RunError
            If something else stands there.
        """
        try:
            text = (self.path / "run.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            if self.path.is_dir() and any(self.path.iterdir()):
                raise RunError(
                    f"{self.path} holds files and no run.json: it is not the folder of a run; move it away"
                ) from None
            return {}
        except NotADirectoryError:
            raise RunError(f"{self.path} is not a folder; move it away") from None
        try:
            found = json.loads(text)
            if found["format"] != _FORMAT:
                raise RunError(f"{self.path} was written by another version of agnsf; give --restart to begin anew")
            return found["facts"]
        except (json.JSONDecodeError, TypeError, KeyError) as exc:
            raise RunError(f"{self.path}/run.json is damaged ({exc}); give --restart to begin anew") from exc

    def open(self, facts):
        """
        Make the folder, or go on with it.

        Parameters
        ----------
        facts : dict
            What could change a bit of the result; JSON-able.

        Raises
        ------
        RunError
            If the folder belongs to a run with other facts; the message says which differ.
        """
        facts = json.loads(json.dumps(facts))
        before = self.frozen()
        if not before:
            self.path.mkdir(exist_ok=True)
            before = self._freeze(facts)
        differences = _differences(before, facts)
        if differences:
            raise RunError(
                f"{self.path} holds the unfinished run of another command ({'; '.join(differences)}); give that "
                "command again to finish it, or --restart to throw it away"
            )
        self._claims = Claims(self.path / "claims")

    def _freeze(self, facts):
        """Write run.json, unless another process has been faster; return what stands there."""
        temporary = self.path / f".run-{os.getpid()}.json"
        temporary.write_text(json.dumps({"format": _FORMAT, "facts": facts}, indent=1) + "\n", encoding="utf-8")
        try:
            os.link(temporary, self.path / "run.json")
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            temporary.replace(self.path / "run.json")
        finally:
            temporary.unlink(missing_ok=True)
        return self.frozen()

    def claim(self, number):
        """Take a part that is not done; return False if it is, or if another process works at it."""
        if not self._claims.take(number):
            return False
        if self.is_done(number):
            self._claims.drop(number)
            return False
        return True

    def claim_end(self):
        """Take the right to put the parts together; return False if another process has it."""
        return self._claims.take(len(self.lengths))

    def is_over(self):
        """Return whether another process has put the parts together and removed the folder."""
        return not (self.path / "run.json").exists()

    def is_done(self, number):
        """
        Return whether a part is there, whole, and nothing in it is worth another try.

        Parameters
        ----------
        number : int
            Of the part.

        Returns
        -------
        done : bool
            False, too, for a part of an earlier process in which cutouts failed in passing.
        """
        return part_is_done(self._part(number), rows=self.lengths[number], since=self._claims.began)

    def missing(self):
        """Yield the numbers of the parts that are not done; each is looked at when its turn comes."""
        return (number for number in range(len(self.lengths)) if not self.is_done(number))

    def write(self, number, columns):
        """
        Keep a part that was claimed, and give back the claim; return False if the run is over meanwhile.

        Parameters
        ----------
        number : int
            Of the part.
        columns : dict of str to array-like of shape (n,)
            With ``image_status``.
        """
        try:
            write_part(columns, self._part(number))
        except FileNotFoundError:
            if self.is_over():  # the part was there already, and this was another try at its failures
                return False
            raise
        self._claims.drop(number)
        return True

    def read(self, number):
        """Return the columns of a part."""
        return read_part(self._part(number))

    def column_types(self):
        """Return the columns of all parts by name, with their types; a part without any image has fewer."""
        return column_types(self._part(number) for number in range(len(self.lengths)))

    def close(self):
        """Give back all claims; the folder stays."""
        if self._claims is not None:
            self._claims.close()
            self._claims = None

    def remove(self):
        """Remove the folder and what a run has put into it; anything else in it is left."""
        for pattern in ("part-*.parquet", ".*.part-*.parquet", "claims", ".run-*.json", "run.json"):
            for path in self.path.glob(pattern):
                path.unlink(missing_ok=True)
        for path in (*self.path.glob(".joining-*"), self.path / "catalog", self.path / "replaced"):
            shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            self.path.rmdir()

    def _part(self, number):
        return self.path / f"part-{number:07d}.parquet"
