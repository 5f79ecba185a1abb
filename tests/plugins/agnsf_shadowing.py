# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin that sets an inherited option in a way that would have no effect."""

import agnsf


class Shadow(agnsf.CutoutService):
    """A survey whose address would be ignored."""

    base_url = "https://example.org"
    name = "shadow"

    def url(self, row, *, size, pixel_scale):
        return f"{self.base_url}/{size}"


@agnsf.hookimpl
def register_image_sources():
    return [Shadow]
