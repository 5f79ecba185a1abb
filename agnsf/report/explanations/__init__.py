# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Why a classifier says what it says."""

from agnsf.report.explanations.explain import Explanation, explain
from agnsf.report.explanations.gradcam import grad_cam
from agnsf.report.explanations.occlusion import REGIONS, cover, occlusion

__all__ = ["REGIONS", "Explanation", "cover", "explain", "grad_cam", "occlusion"]
