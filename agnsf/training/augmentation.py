# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Change the images of a batch at random, all at once, on the device that holds them."""

__all__ = ["augment_pixels", "augment_values", "orient"]


def orient(images, code):
    """
    Return images in one of the eight orientations of the square.

    Parameters
    ----------
    images : `torch.Tensor`, shape (n, c, size, size)
        Any type.
    code : int
        0 to 7; 0 leaves them. Bit 0 mirrors x, bit 1 mirrors y, bit 2 swaps the axes afterwards.

    Returns
    -------
    oriented : `torch.Tensor`, shape (n, c, size, size)
        A view where torch can give one.
    """
    if code & 1:
        images = images.flip(3)
    if code & 2:
        images = images.flip(2)
    return images.transpose(2, 3) if code & 4 else images


def _pixel_indices(n, size, options, generator, device):
    """Return row and column, each of shape (n, size, size), from which every pixel comes."""
    import torch

    def draw(high):
        return torch.randint(high, (n, 1, 1), generator=generator, device=device)

    axis = torch.arange(size, device=device)
    y, x = axis[None, :, None], axis[None, None, :]
    if options.shift:
        y = (y + draw(2 * options.shift + 1) - options.shift).clamp(0, size - 1)
        x = (x + draw(2 * options.shift + 1) - options.shift).clamp(0, size - 1)
    if options.symmetries:
        code = draw(8)
        y, x = torch.where(code & 4 > 0, x, y), torch.where(code & 4 > 0, y, x)
        x = torch.where(code & 1 > 0, size - 1 - x, x)
        y = torch.where(code & 2 > 0, size - 1 - y, y)
    return y, x


def augment_pixels(images, options, generator):
    """
    Turn, mirror and shift each image of a batch; no pixel is interpolated.

    Parameters
    ----------
    images : `torch.Tensor`, shape (n, c, size, size)
        Any type.
    options : TrainingOptions
        Its ``symmetries`` and ``shift``.
    generator : `torch.Generator`
        On the images' device.

    Returns
    -------
    images : `torch.Tensor`, shape (n, c, size, size)
        New, or the same if there is nothing to do.
    """
    if not (options.symmetries or options.shift):
        return images
    import torch

    y, x = _pixel_indices(len(images), images.shape[2], options, generator, images.device)
    row = torch.arange(len(images), device=images.device)[:, None, None]
    return images[row, :, y, x].permute(0, 3, 1, 2)


def _blurred(images, sigma, radius):
    """Return images convolved with Gaussians of sigma pixels, one sigma for each, cut at the radius."""
    import torch
    from torch.nn import functional

    n, bands, size, _ = images.shape
    offsets = torch.arange(-radius, radius + 1, device=images.device)
    kernels = torch.exp(-0.5 * (offsets / sigma.clamp(min=0.05)[:, None]) ** 2)
    kernels = (kernels / kernels.sum(1, keepdim=True)).repeat_interleave(bands, 0)[:, None]
    flat = functional.pad(images.reshape(1, n * bands, size, size), (radius,) * 4, mode="replicate")
    flat = functional.conv2d(flat, kernels[:, :, :, None], groups=n * bands)
    return functional.conv2d(flat, kernels[:, :, None, :], groups=n * bands).view(n, bands, size, size)


def augment_values(images, options, generator):
    """
    Blur each image of a batch, change the brightness of its bands, and add noise.

    Parameters
    ----------
    images : `torch.Tensor` of float, shape (n, c, size, size)
        As the network takes them.
    options : TrainingOptions
        Its ``blur``, ``jitter`` and ``noise``.
    generator : `torch.Generator`
        On the images' device.

    Returns
    -------
    images : `torch.Tensor` of float, shape (n, c, size, size)
        New, or the same if there is nothing to do.
    """
    import torch

    def draw(*shape):
        return torch.rand(shape, generator=generator, device=images.device)

    n, bands = images.shape[:2]
    if options.blur:
        radius = min(int(3 * options.blur) + 1, images.shape[2] - 1)
        images = _blurred(images, options.blur * draw(n), radius)
    if options.jitter:
        images = images * (1 + options.jitter * (2 * draw(n, bands, 1, 1) - 1))
    if options.noise:
        noise = torch.randn(images.shape, generator=generator, device=images.device)
        images = images + options.noise * noise
    return images
