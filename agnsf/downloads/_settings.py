# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the user can set about HTTP requests."""

from astropy.config import ConfigItem, ConfigNamespace

__all__ = ["conf"]

_MODULE = "agnsf.downloads"  # names the section in the file


class Conf(ConfigNamespace):
    """Settings of HTTP requests, in the section ``[downloads]`` of ``agnsf.cfg``."""

    rootname = "agnsf"
    connect_timeout = ConfigItem(10.0, "Seconds to wait for a connection.", module=_MODULE)
    read_timeout = ConfigItem(60.0, "Seconds to wait for the next bytes of an answer.", module=_MODULE)
    total_timeout = ConfigItem(180.0, "Seconds that one answer may take in all.", module=_MODULE)
    tries = ConfigItem(5, "How often a request is made at most, if the server may recover.", module=_MODULE)
    pause = ConfigItem(
        1.0, "Seconds before the first retry; doubled for each further one, and varied by chance.", module=_MODULE
    )
    requests_per_second = ConfigItem(
        0.0, "How many requests a server is sent in a second at most; 0 for no limit.", module=_MODULE
    )
    contact = ConfigItem(
        "", "An e-mail address for the User-Agent header, by which servers can reach you.", module=_MODULE
    )


#: The settings of this module.
conf = Conf()
