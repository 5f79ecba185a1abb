# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""`torch.compile`, where it can."""

import warnings

from agnsf.columns import AgnsfWarning

__all__ = ["can_compile", "compiled"]


def can_compile(device):
    """
    Return whether `torch.compile` works for a device.

    Parameters
    ----------
    device : `torch.device`
        Where the network runs.

    Returns
    -------
    answer : bool
        False where a CPU has no C++ compiler.

    Warns
    -----
    AgnsfWarning
        If there is no compiler.
    """
    if device.type != "cpu":
        return True
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        text = "torch.compile finds no C++ compiler: the network runs uncompiled, slower (install g++ or clang)"
        warnings.warn(text, AgnsfWarning, stacklevel=2)
        return False
    return True


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
