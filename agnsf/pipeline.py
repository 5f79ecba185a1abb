# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The stages: label, fetch, train, evaluate, classify; table in, new table out."""

__all__ = ["classify", "evaluate", "fetch", "label", "train"]


def label(table, *, labeler="kewley2001-cut", columns=None, catalog=None):
    raise NotImplementedError


def fetch(table, *, images="legacysurvey", framing=None, access=None, columns=None, progress=False):
    raise NotImplementedError


def train(table, *, output, images="legacysurvey", classifier="cnn", columns=None, progress=False):
    raise NotImplementedError


def evaluate(table, *, columns=None):
    raise NotImplementedError


def classify(table, *, images="legacysurvey", classifier=None, columns=None, progress=False):
    raise NotImplementedError
