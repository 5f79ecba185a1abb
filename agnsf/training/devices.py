# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Choose device and precision, and record what makes two runs the same to the last bit."""

from contextlib import contextmanager, nullcontext

from agnsf.training.options import TrainingError

__all__ = ["choose_device", "choose_precision", "environment", "out_of_memory_named", "settled"]


def choose_device(name):
    """
    Return a torch device.

    Parameters
    ----------
    name : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; ``auto`` takes the GPU where there is one.

    Returns
    -------
    device : `torch.device`
        One that is there.

    Raises
    ------
    TrainingError
        If there is no such device.
    """
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as exc:
        raise TrainingError(f"No device is named {name!r}; use auto, cpu, cuda or cuda:N") from exc
    if device.type == "cuda":
        count = torch.cuda.device_count()
        if (device.index or 0) >= count:
            raise TrainingError(f"There is no device {name}: torch finds {count} GPU(s); use --device cpu")
        device = torch.device("cuda", device.index or 0)
    elif device.type != "cpu":
        raise TrainingError(f"No device is named {name!r}; use auto, cpu, cuda or cuda:N")
    return device


def choose_precision(wanted, device):
    """
    Return the type of the arithmetic inside the network.

    Parameters
    ----------
    wanted : {'auto', 'float32', 'bfloat16'}
        ``auto`` is bfloat16 where the device has units for it.
    device : `torch.device`
        Where the network runs.

    Returns
    -------
    dtype : `torch.dtype`
        `torch.float32` or `torch.bfloat16`.
    """
    import torch

    if wanted == "auto":
        if device.type == "cuda":
            fast = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            known = getattr(torch.cpu, "get_capabilities", dict)()  # older torch does not tell
            fast = known.get("amx_bf16", False) or known.get("avx512_bf16", False)
        wanted = "bfloat16" if fast else "float32"
    return getattr(torch, wanted)


def environment(device, dtype, compiled, processes):
    """
    Return what must be the same for two runs to agree in every bit.

    Parameters
    ----------
    device : `torch.device`
        Where the network runs.
    dtype : `torch.dtype`
        Of the arithmetic.
    compiled : bool
        Whether `torch.compile` made the network.
    processes : int
        How many train together.

    Returns
    -------
    environment : dict
        JSON-able.
    """
    import torch

    name = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    return {
        "device": f"{device.type} ({name})",
        "precision": str(dtype).removeprefix("torch."),
        "compiled": bool(compiled),
        "threads": torch.get_num_threads(),
        "processes": processes,
        "torch": torch.__version__,
    }


@contextmanager
def out_of_memory_named(batch_size):
    """
    Turn a GPU's lack of memory into advice.

    Parameters
    ----------
    batch_size : int
        The one in use.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError as exc:
        raise TrainingError(
            f"The GPU has too little memory for batch_size={batch_size}; try -T batch_size={max(1, batch_size // 2)}"
        ) from exc


def settled(device):
    """
    Return the context in which a GPU is the current one and its convolutions are tried out once.

    Parameters
    ----------
    device : `torch.device`
        Where the network runs; on a CPU there is nothing to settle.

    Returns
    -------
    context : context manager
        For shapes that never change.
    """
    return _settled_gpu(device) if device.type == "cuda" else nullcontext()


@contextmanager
def _settled_gpu(device):
    import torch
    from torch.backends import cudnn

    with torch.cuda.device(device), cudnn.flags(enabled=True, benchmark=True, allow_tf32=True):
        yield
