# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classes in double precision against the formulae with 50 digits, above all near the asymptotes."""

import mpmath
import numpy as np
import pytest
from astropy.table import Table

from agnsf.labelers import curves
from agnsf.labelers.bpt import BptNii, Kauffmann2003, Kewley2001, Kewley2001Cut
from agnsf.labelers.mex import Mex
from agnsf.labelers.stasinska2006 import Stasinska2006

HYPERBOLAS = [
    # curve, its coefficients as the papers print them
    (curves.KAUFFMANN2003, "0.61", "0.05", "1.3"),
    (curves.KEWLEY2001_NII, "0.61", "0.47", "1.19"),
    (curves.KEWLEY2001_SII, "0.72", "0.32", "1.30"),
    (curves.KEWLEY2001_OI, "0.73", "-0.59", "1.33"),
]
DISTANCES = [10.0**-k for k in range(13)]


@pytest.fixture(autouse=True)
def fifty_digits():
    with mpmath.workdps(50):
        yield


def hyperbola(x, scale, asymptote, offset):
    """Return the ordinate, or minus infinity where every point is above."""
    x, scale, asymptote, offset = map(mpmath.mpf, (x, scale, asymptote, offset))
    return scale / (x - asymptote) + offset if x < asymptote else mpmath.ninf


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize(("curve", "scale", "asymptote", "offset"), HYPERBOLAS)
def test_hyperbola_near_its_asymptote(curve, scale, asymptote, offset, distance):
    x = float(asymptote) - distance
    exact = hyperbola(x, scale, asymptote, offset)
    # The coefficient itself is rounded to a double, which matters more the nearer the asymptote is.
    assert abs(mpmath.mpf(float(curve(x))) / exact - 1) < 1e-15 * (3 + 1 / distance)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("margin", [-1e-3, -1e-9, 1e-9, 1e-3])
def test_side_of_the_hyperbola_is_the_exact_one(distance, margin):
    margin *= max(1.0, 1e-6 / distance)
    for curve, scale, asymptote, offset in HYPERBOLAS:
        x = float(asymptote) - distance
        exact = hyperbola(x, scale, asymptote, offset)
        y = float(exact * (1 - margin))  # negative ordinates: above for a positive margin
        if exact > 0:
            y = float(exact * (1 + margin))
        at = {curve.x: np.array([x]), curve.y: np.array([y])}
        assert curve.above(at).tolist() == [margin > 0]


def exact_classes(row):
    """Return the classes of one galaxy from its fluxes, and how far the nearest boundary is."""
    h_alpha, h_beta, oiii, nii = (mpmath.mpf(float(row[name])) for name in BptNii.requires)
    x, y = mpmath.log10(nii / h_alpha), mpmath.log10(oiii / h_beta)
    kauffmann, kewley = (hyperbola(x, *coefficients) for _, *coefficients in HYPERBOLAS[:2])
    above_kauffmann, above_kewley = y >= kauffmann, y >= kewley
    classes = {
        Kauffmann2003: "AGN" if above_kauffmann else "SF",
        Kewley2001: "AGN" if above_kewley else "SF",
        Kewley2001Cut: "AGN" if above_kauffmann or x >= mpmath.mpf("-0.1") else "SF",
        BptNii: "AGN" if above_kewley else "composite" if above_kauffmann else "SF",
    }
    distances = [abs(y - kauffmann), abs(y - kewley), abs(x + mpmath.mpf("0.1"))]
    return classes, min(distances)


def test_classes_of_random_galaxies_are_the_exact_ones():
    rng = np.random.default_rng(7)
    n = 1_500
    x = np.concatenate(
        [rng.uniform(-2, 0.8, n), 0.05 - 10 ** rng.uniform(-12, 0, n), 0.47 - 10 ** rng.uniform(-12, 0, n)]
    )
    h_alpha, h_beta = 10 ** rng.normal(2, 2, (2, 3 * n))
    table = Table({"h_alpha_flux": h_alpha, "h_beta_flux": h_beta})
    table["oiii_5007_flux"] = h_beta * 10 ** rng.uniform(-4, 1.5, 3 * n)
    table["nii_6584_flux"] = h_alpha * 10**x
    found = {cls: cls().label(table)["label"] for cls in (Kauffmann2003, Kewley2001, Kewley2001Cut, BptNii)}
    for i, row in enumerate(table):
        classes, margin = exact_classes(row)
        if margin > 1e-12:
            assert {cls: labels[i] for cls, labels in found.items()} == classes, dict(row)


@pytest.mark.parametrize("x", np.linspace(-2.0, -0.01, 25))
def test_stasinska_curve_with_fifty_digits(x):
    z = mpmath.mpf(float(x))
    exact = (mpmath.mpf("-30.787") + mpmath.mpf("1.1358") * z + mpmath.mpf("0.27297") * z**2) * mpmath.tanh(
        mpmath.mpf("5.7409") * z
    ) - mpmath.mpf("31.093")
    assert abs(float(Stasinska2006.boundaries[0](x)) - exact) < 1e-13


@pytest.mark.parametrize("mass", np.linspace(9.61, 12.5, 25))
def test_mass_curves_with_fifty_digits(mass):
    """The cubics are badly conditioned: four terms of some hundreds leave a few tenths."""
    z = mpmath.mpf(float(mass))
    cubics = [("352.066", "-93.8249", "8.32651", "-0.246416"), ("410.24", "-109.333", "9.71731", "-0.288244")]
    for boundary, cubic in zip(Mex.boundaries, cubics, strict=True):
        if mass > boundary.up_to:
            exact = sum(mpmath.mpf(c) * z**k for k, c in enumerate(cubic))
            assert abs(float(boundary(mass)) - exact) < 1e-12
