# Licensed under a 3-clause BSD style license - see LICENSE.rst
import dataclasses
import subprocess
import sys
import types
import warnings
from pathlib import Path

import pytest

import agnsf
from agnsf import plugins
from agnsf.plugins import PluginError, PluginWarning, create_registry

INSTALLED = Path(__file__).parent / "plugins"
BROKEN = ("broken", "junk", "misspelt", "raising", "shadowing")


@pytest.fixture
def installed(monkeypatch):
    """Make the distributions of tests/plugins importable, and only those named in ``enabled`` active."""
    monkeypatch.syspath_prepend(INSTALLED)

    def load(*enabled):
        everyone = {path.name.split("-")[0].removeprefix("agnsf_") for path in INSTALLED.glob("*.dist-info")}
        monkeypatch.setenv("AGNSF_DISABLE_PLUGINS", ",".join(everyone - set(enabled)))
        return create_registry()

    yield load
    for name in [name for name in sys.modules if name.startswith("agnsf_")]:
        del sys.modules[name]


def names(registry):
    return {one.cls.name for one in registry.provided}


def in_module(**members):
    """Return a plugin module that holds the members."""
    module = types.ModuleType("agnsf_inline")
    vars(module).update(members)
    return module


def register(cls, hook="register_image_sources"):
    """Register a class through a hook, as a plugin would."""

    def implementation():
        return [cls]

    implementation.__name__ = hook
    create_registry(external=False).register(in_module(**{hook: agnsf.hookimpl(implementation)}), "inline", "inline 1")


def test_good_plugin_is_found_with_its_distribution(installed):
    registry = installed("good")
    found = {one.cls.name: one.distribution for one in registry.provided}
    assert found["strong-oxygen"] == "agnsf-good 1.0"
    assert registry.find(agnsf.Labeler, "strong-oxygen")(factor=2.0).factor == 2.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "ModuleNotFoundError: No module named 'agnsf_no_such_package'"),
        ("misspelt", "unknown hook 'register_labellers'"),
        ("raising", "RuntimeError: no classifier today"),
        ("junk", "register_image_sources must return named ImageSource subclasses, not 'sdss'"),
        ("shadowing", "'base_url' without an annotation"),
    ],
)
def test_plugin_that_does_not_work_is_a_warning_and_the_rest_loads(installed, name, reason):
    with pytest.warns(PluginWarning) as caught:
        registry = installed(name, "good")
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"Plugin {name!r} of agnsf-{name} 1.0 was not loaded: ")
    assert reason in str(caught[0].message)
    assert {"strong-oxygen", "moody", "kewley2001"} <= names(registry)
    assert "shadow" not in names(registry)


def test_all_broken_plugins_at_once_leave_the_good_one(installed):
    with pytest.warns(PluginWarning) as caught:
        registry = installed(*BROKEN, "good")
    assert len(caught) == len(BROKEN)
    assert registry.find(agnsf.ImageSource, "moody")


def test_clash_is_an_error_that_names_both_only_when_the_name_is_used(installed):
    registry = installed("clashing")
    assert registry.find(agnsf.Labeler, "kauffmann2003")
    with pytest.raises(
        PluginError, match=r"Labeler 'kewley2001' is provided by both agnsf_clashing.Kewley and agnsf\."
    ):
        registry.find(agnsf.Labeler, "kewley2001")


def test_unknown_name_lists_what_there_is():
    with pytest.raises(PluginError, match=r"No labeler named 'nope'; available: .*kauffmann2003, .*kewley2001"):
        plugins.load_labeler("nope")


def test_misspelt_option_lists_the_options():
    with pytest.raises(PluginError, match=r"has no option 'sn'; its options: snr=3.0"):
        plugins.load_labeler("kewley2001", sn=5)


def test_all_plugins_can_be_disabled(installed, monkeypatch):
    monkeypatch.setenv("AGNSF_DISABLE_PLUGINS", "all")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "strong-oxygen" not in names(create_registry())


def test_option_without_default_is_refused():
    @dataclasses.dataclass(frozen=True)
    class NoDefault(agnsf.ImageSource):
        depth: int
        name = "no-default"

        def cutout(self, row, *, size, pixel_scale): ...

    with pytest.raises(PluginError, match=r"the option 'depth' of .*NoDefault needs a default"):
        register(NoDefault)


def test_annotation_outside_a_dataclass_is_refused():
    class Undecorated(agnsf.ImageSource):
        depth: int = 3
        name = "undecorated"

        def cutout(self, row, *, size, pixel_scale): ...

    with pytest.raises(PluginError, match="declares depth but is no dataclass"):
        register(Undecorated)


def test_class_that_leaves_a_method_out_is_refused():
    class Lazy(agnsf.ImageSource):
        name = "lazy"

    with pytest.raises(PluginError, match="Lazy does not define cutout"):
        register(Lazy)


@pytest.mark.parametrize("name", ["", "../x", "Big", "a b", "<script>"])
def test_name_that_could_not_be_a_column_or_a_file_is_refused(name):
    cls = type("Odd", (agnsf.ImageSource,), {"name": name, "cutout": lambda self, row, *, size, pixel_scale: None})
    with pytest.raises(PluginError, match="has the name"):
        register(cls)


def test_every_built_in_has_a_name_of_its_own():
    registry = create_registry(external=False)
    keys = [(one.role, one.cls.name) for one in registry.provided]
    assert len(keys) == len(set(keys)) > 5


def test_what_a_plugin_raises_names_the_plugin():
    labeler = plugins.load_labeler("kewley2001")
    with pytest.raises(KeyError) as caught, plugins.blame(labeler):
        raise KeyError("x")
    assert caught.value.__notes__ == ["raised by labeler 'kewley2001' (agnsf.labelers.bpt.Kewley2001)"]


def test_importing_agnsf_loads_nothing_heavy():
    code = "import sys, agnsf; print({'torch', 'numpy', 'astropy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        agnsf.nothing  # noqa: B018
    assert set(agnsf.__all__) <= set(dir(agnsf))
