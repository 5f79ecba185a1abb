# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A network compiled for a CPU: its weights laid out for it, its 1 × 1 convolutions as matrix products."""

import threading
from contextlib import contextmanager

__all__ = ["FrozenNetwork"]

# The checks would name objects of Python by their addresses, which are others in every run.
_OPTIONS = {"freezing": True, "cpp_wrapper": True, "size_asserts": False, "alignment_asserts": False}

_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")


def _arguments(node):
    """Return the arguments of a convolution by name."""
    plain = {"bias": None, "stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    return plain | dict(zip(_CONVOLUTION, node.args, strict=False)) | node.kwargs


def _is_pointwise(node):
    """Return whether a node is a convolution that mixes the channels of each pixel by itself."""
    import torch

    if node.op != "call_function" or node.target is not torch.conv2d:
        return False
    given = _arguments(node)
    weight = given["weight"].meta.get("example_value")
    return (
        weight is not None
        and tuple(weight.shape[2:]) == (1, 1)
        and given["stride"] in (1, (1, 1), [1, 1])
        and given["padding"] in (0, (0, 0), [0, 0], "valid", "same")
        and given["groups"] == 1
    )


def _follower(node):
    """Return the only node that uses another; None if there are several."""
    return next(iter(node.users)) if len(node.users) == 1 else None


def convolutions_to_products(graph):
    """
    Write the 1 × 1 convolutions of a graph as matrix products, with the activation that follows.

    oneDNN multiplies all pixels of a batch at once then, where it would convolve picture by picture
    and fetch the weights again for each; and it applies the activation while it writes the product.
    A convolution with a batch normalization stays: the two become one by themselves.

    Parameters
    ----------
    graph : `torch.fx.Graph`
        As Dynamo gives it; it is changed in place.
    """
    from torch.nn import functional

    activations = {functional.gelu, functional.relu, functional.silu, functional.hardswish}
    for node in [one for one in graph.nodes if _is_pointwise(one)]:
        follower = _follower(node)
        if follower is not None and follower.target is functional.batch_norm:
            continue
        given, replaced = _arguments(node), node
        with graph.inserting_before(node):
            pixels = graph.call_method("permute", (given["input"], 0, 2, 3, 1))
            weight = graph.call_method("flatten", (given["weight"], 1))
            product = graph.call_function(functional.linear, (pixels, weight, given["bias"]))
        if follower is not None and follower.target in activations:
            follower.replace_input_with(node, product)
            replaced = product = follower
        with graph.inserting_after(product):
            back = graph.call_method("permute", (product, 0, 3, 1, 2))
        replaced.replace_all_uses_with(back, delete_user_cb=lambda user, back=back: user is not back)
        graph.erase_node(node)


def _compile(module, examples):
    """Compile what Dynamo has traced: a backend of `torch.compile`."""
    from torch._dynamo import lookup_backend

    convolutions_to_products(module.graph)
    module.recompile()
    return lookup_backend("inductor")(module, examples)


@contextmanager
def _weights_unnamed():
    """Keep the addresses of the weights out of the C++ code, or no run would find what an earlier one has compiled."""
    from torch._inductor.codegen.cpp_wrapper_cpu import CppWrapperCpu

    written = CppWrapperCpu.write_constant
    CppWrapperCpu.write_constant = lambda self, name, address: None
    try:
        yield
    finally:
        CppWrapperCpu.write_constant = written


class FrozenNetwork:
    """
    A function with a network in it, compiled when it is first called; the weights must not change from then on.

    The compiled network is one function of C++, which does not hold Python's global lock: threads
    run it side by side. Torch keeps it in its cache, where a later run finds it.

    Parameters
    ----------
    forward : callable
        From a batch to the network's answer.
    """

    def __init__(self, forward):
        import torch

        # With code of its own: Dynamo counts what it compiles of the same code, and stops at eight.
        forward.__code__ = forward.__code__.replace()
        self._forward = torch.compile(forward, dynamic=False, backend=_compile)
        self._lock = threading.Lock()
        self._compiled = False

    def __call__(self, batch):
        """Return the network's answer to a batch; all batches have one shape."""
        if self._compiled:
            return self._forward(batch)
        from torch._inductor import config

        # Read while tracing, so no options of torch.compile.
        with self._lock, config.patch(_OPTIONS), _weights_unnamed():
            answer = self._forward(batch)
            self._compiled = True
            return answer
