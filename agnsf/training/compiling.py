# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""`torch.compile`, where it pays and where it can."""

import warnings

from agnsf.columns import AgnsfWarning

__all__ = ["compiled", "worth_compiling"]

_MIN_STEPS = 2000  # compiling takes about as long as a few hundred steps of a network on a CPU


def _has_compiler():
    """Return whether there is a C++ compiler, which `torch.compile` needs on a CPU."""
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        return False
    return True


def worth_compiling(wanted, *, steps, device):
    """
    Return whether to compile the network.

    Parameters
    ----------
    wanted : bool or None
        The user's choice; None leaves it to the length of the run on a CPU. On a GPU the whole
        step becomes a CUDA graph, which costs no time to make, and compiling is left to the user.
    steps : int
        How many steps there will be.
    device : `torch.device`
        Where the network runs.

    Returns
    -------
    decision : bool
        False, too, where a CPU has no C++ compiler.

    Warns
    -----
    AgnsfWarning
        If compiling is wanted and there is no compiler.
    """
    if device.type != "cpu":
        return bool(wanted)
    decision = steps >= _MIN_STEPS if wanted is None else wanted
    if decision and not _has_compiler():
        text = "torch.compile finds no C++ compiler: the network runs uncompiled, slower (install g++ or clang)"
        warnings.warn(text, AgnsfWarning, stacklevel=2)
        return False
    return decision


def compiled(module):
    """
    Return a module that compiles itself when it first runs.

    Parameters
    ----------
    module : `torch.nn.Module`
        It shares its parameters with the result.

    Returns
    -------
    module : `torch.nn.Module`
        For one shape of input.
    """
    import torch

    return torch.compile(module, dynamic=False)
