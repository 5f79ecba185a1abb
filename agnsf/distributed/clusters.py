# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Dask clusters by the word that the user gives for them."""

import re
from contextlib import contextmanager

from agnsf.columns import AgnsfError

__all__ = ["cluster_client"]

_PATIENCE = "30s"  # until a scheduler must answer


@contextmanager
def cluster_client(scheduler):
    """
    Give a client of a Dask cluster, and close what was opened for it.

    Parameters
    ----------
    scheduler : str
        The address of a scheduler, ``tcp://HOST:PORT``, or ``local:N`` for N worker processes of
        one thread each on this machine.

    Yields
    ------
    client : `distributed.Client`
        Connected.

    Raises
    ------
    AgnsfError
        If the word is neither, or nobody answers.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as exc:
        raise AgnsfError(f"--scheduler needs Dask ({exc}); install it with: pip install 'agnsf[hats]'") from exc

    local = re.fullmatch(r"local:([1-9]\d*)", scheduler)
    if local:
        count = int(local.group(1))
        with (
            LocalCluster(n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            yield client
    elif re.fullmatch(r"(tcp|tls|ucx|ws|wss)://.+", scheduler):
        try:
            client = Client(scheduler, timeout=_PATIENCE)
        except OSError as exc:
            raise AgnsfError(f"No Dask scheduler answers at {scheduler}: {exc}") from exc
        with client:
            yield client
    else:
        raise AgnsfError(f"The scheduler must be tcp://HOST:PORT or local:N, not {scheduler!r}")
