# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Draw a population of galaxies whose class and appearance are related as in nature."""

import json
from importlib.resources import files

import numpy as np
from astropy import units as u
from astropy.table import Table

__all__ = ["simulate"]

#: Share of each class. Without the galaxies of weak lines, 42 % are composite or AGN.
_SHARES = {"SF": 0.45, "composite": 0.18, "Seyfert": 0.07, "LINER": 0.08, "weak": 0.22}

_REDSHIFTS = (0.02, 0.08)
_FAINTEST = 17.77  # limit in r of the SDSS main galaxy sample (2002AJ....124.1810S)
_RED_SEQUENCE = 2.22  # u-r that parts early from late types (2001AJ....122.1861S)
_DISC_THICKNESS = 0.2  # axis ratio of a disc seen edge-on

#: Weak lines: mean and scatter of both ratios, of log H-alpha and of the log Balmer decrement.
_WEAK_LINES = ((-0.05, 0.2), (0.15, 0.25), (0.9, 0.3), (0.55, 0.1))
#: Flux error: a floor in 1e-17 erg / (s cm2), and a share of the flux.
_ERROR_FLOOR, _ERROR_SHARE = 3.0, 0.03


def _from_mixture(mixture, n, rng):
    """Draw from a mixture of Gaussians."""
    component = rng.choice(len(mixture["weights"]), size=n, p=np.array(mixture["weights"]) / sum(mixture["weights"]))
    values = np.empty((n, len(mixture["means"][0])))
    for which, (mean, covariance) in enumerate(zip(mixture["means"], mixture["covariances"], strict=True)):
        rows = np.flatnonzero(component == which)
        values[rows] = rng.multivariate_normal(mean, covariance, size=len(rows))
    return values


def _hosts(kind, population, rng):
    """Return u-r, g-r, r-i, i-z, log mass and absolute magnitude of each galaxy, one column each."""
    values = np.empty((len(kind), 6))
    for name, mixtures in population.items():
        rows = np.flatnonzero(kind == name)
        values[rows] = _from_mixture(mixtures["host"], len(rows), rng)
    return values.T


def _redshifts(absolute, rng):
    """Draw redshifts evenly in comoving volume, out to where each galaxy is still in the sample."""
    from astropy.cosmology import Planck18  # not on top: its import takes longer than most commands

    grid = np.linspace(*_REDSHIFTS, 200)
    faintest = np.interp(_FAINTEST - absolute, Planck18.distmod(grid).value, grid)
    distance = Planck18.comoving_distance(grid).value
    near, far = distance[0], np.interp(faintest, grid, distance)
    drawn = np.cbrt(near**3 + rng.random(len(absolute)) * (far**3 - near**3))
    return np.interp(drawn, distance, grid)


def _half_light_radii(log_mass, early, rng):
    """Return circularized half-light radii in kpc (2003MNRAS.343..978S, r band)."""
    mass = 10**log_mass
    late_kpc = 0.1 * mass**0.14 * (1 + mass / 3.98e10) ** 0.25
    early_kpc = 2.88e-6 * mass**0.56
    return np.where(early, early_kpc, late_kpc) * 10 ** rng.normal(0, 0.13, len(mass))


def _structure(u_r, log_mass, kpc_per_arcsec, kind, rng):
    """Return bulge, disc and nucleus of each galaxy, as columns."""
    n = len(u_r)
    bulge = 1 / (1 + np.exp(-rng.normal(-1.8 + 2 * (u_r - 1.7) + 0.8 * (log_mass - 10.3), 0.8)))
    half_light = _half_light_radii(log_mass, u_r > _RED_SEQUENCE, rng) / kpc_per_arcsec
    tilt = rng.random(n)  # cosine of the inclination
    nucleus = np.select(
        [kind == "Seyfert", np.isin(kind, ["composite", "LINER"])],
        [0.015 * 10 ** rng.normal(0, 0.4, n), 0.004 * 10 ** rng.normal(0, 0.4, n)],
        0.0,
    )
    bulge_radius, disc_radius = 0.45 * half_light, 1.25 * half_light
    # Petrosian over half-light radius: 2.16 of an exponential disc, 1.82 of a de Vaucouleurs
    # profile (2005AJ....130.1535G).
    radius = (1 - bulge) * 2.16 * disc_radius + bulge * 1.82 * np.maximum(bulge_radius, 0.7 * half_light)
    return {
        "radius": np.maximum(radius, 3.1) * u.arcsec,  # of smaller ones, surveys give no reliable radius
        "bulge_fraction": np.clip(bulge, 0.01, 0.95),
        "bulge_radius": np.maximum(bulge_radius, 0.3) * u.arcsec,
        "disc_radius": np.maximum(disc_radius, 0.8) * u.arcsec,
        "bulge_axis_ratio": rng.uniform(0.6, 1.0, n),
        "disc_axis_ratio": np.sqrt(tilt**2 * (1 - _DISC_THICKNESS**2) + _DISC_THICKNESS**2),
        "position_angle": rng.uniform(0, 180, n) * u.deg,
        "bulge_reddening": np.clip(rng.normal(0.25 - 0.12 * (u_r - 1.7), 0.06), 0, 0.5) * u.mag,
        "nucleus_fraction": np.minimum(nucleus, 0.08),
    }


def _line_fluxes(kind, population, rng):
    """Return the fluxes of the four lines and their errors, as columns in 1e-17 erg / (s cm2)."""
    values = np.empty((len(kind), 4))
    for name, mixtures in population.items():
        rows = np.flatnonzero(kind == name)
        if "lines" in mixtures:
            values[rows] = _from_mixture(mixtures["lines"], len(rows), rng)
        else:
            mean, scatter = np.transpose(_WEAK_LINES)
            values[rows] = rng.normal(mean, scatter, size=(len(rows), 4))
    nii_ha, oiii_hb, log_h_alpha, decrement = values.T
    h_alpha, h_beta = 10**log_h_alpha, 10 ** (log_h_alpha - decrement)
    fluxes = {
        "h_alpha_flux": h_alpha,
        "h_beta_flux": h_beta,
        "oiii_5007_flux": h_beta * 10**oiii_hb,
        "nii_6584_flux": h_alpha * 10**nii_ha,
    }
    unit = u.Unit("1e-17 erg / (s cm2)")
    columns = {}
    for name, flux in fluxes.items():
        error = np.hypot(_ERROR_FLOOR * rng.uniform(0.7, 1.3, len(kind)), _ERROR_SHARE * flux)
        columns[name] = rng.normal(flux, error) * unit
        columns[f"{name}_err"] = error * unit
    return columns


def simulate(n, *, seed=0):
    """
    Return a table of simulated galaxies.

    Colors, masses and luminosities are drawn, class by class, from Gaussian mixtures fitted to the
    47,549 galaxies of Schawinski et al. (2010ApJ...711..284S), and line ratios from mixtures fitted
    to fluxes of the MPA-JHU catalog (2004MNRAS.351.1151B). Host color and mass therefore tell most
    of the class, with overlap. Nothing that is measured on simulated galaxies is evidence about nature.

    Parameters
    ----------
    n : int
        How many galaxies.
    seed : int, optional
        The same seed gives the same galaxies.

    Returns
    -------
    table : `~astropy.table.Table`
        Positions, redshift, magnitudes (AB), mass, radius, the four line fluxes of the [N II]
        diagram with errors, the structure from which `render` makes the image, and ``true_class``:
        ``SF``, ``composite``, ``Seyfert``, ``LINER`` or ``weak`` (lines lost in the noise).

    Raises
    ------
    ValueError
        If ``n`` is negative.

    Examples
    --------
    >>> from agnsf.simulate import simulate
    >>> table = simulate(100, seed=1)
    >>> len(table), table['radius'].unit
    (100, Unit("arcsec"))
    """
    from astropy.cosmology import Planck18

    if n < 0:
        raise ValueError(f"n must be 0 or more, not {n}")
    rng = np.random.default_rng(seed)
    population = json.loads(files("agnsf.simulate").joinpath("population.json").read_text(encoding="utf-8"))
    kind = rng.choice(list(_SHARES), size=n, p=list(_SHARES.values()))
    u_r, g_r, r_i, i_z, log_mass, absolute = _hosts(kind, population, rng)
    z = _redshifts(absolute, rng)
    grid = np.linspace(*_REDSHIFTS, 200)  # dense enough for linear interpolation to 1e-5
    mag_r = absolute + np.interp(z, grid, Planck18.distmod(grid).value)
    kpc_per_arcsec = np.interp(z, grid, 1 / Planck18.arcsec_per_kpc_proper(grid).value)
    table = Table(
        {
            "id": np.array([f"sim{seed}-{row:07d}" for row in range(n)], dtype=str),
            "ra": rng.uniform(110, 260, n) * u.deg,
            "dec": np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(-5)), np.sin(np.radians(60)), n))) * u.deg,
            "z": z,
            "mag_u": (mag_r + u_r) * u.mag,
            "mag_g": (mag_r + g_r) * u.mag,
            "mag_r": mag_r * u.mag,
            "mag_i": (mag_r - r_i) * u.mag,
            "mag_z": (mag_r - r_i - i_z) * u.mag,
            "log_mass": log_mass,
            **_structure(u_r, log_mass, kpc_per_arcsec, kind, rng),
            **_line_fluxes(kind, population, rng),
            "true_class": kind.astype("U9"),
        }
    )
    table.meta["comments"] = [f"Simulated galaxies (seed {seed}): no evidence about nature."]
    return table
