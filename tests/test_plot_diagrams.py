# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Pictures of the diagrams."""

import numpy as np
import pytest
from astropy.table import Table
from click.testing import CliRunner
from PIL import Image

import agnsf
from agnsf.cli import main
from agnsf.columns import AgnsfError, ColumnError
from agnsf.diagrams import diagram_labeler, draw
from agnsf.plugins import load_labeler


def galaxies(n=400, seed=2):
    rng = np.random.default_rng(seed)
    table = Table({"h_alpha_flux": np.full(n, 300.0), "h_beta_flux": np.full(n, 100.0)})
    for name, line, low, high in (
        ("nii_6584_flux", "h_alpha_flux", -1.2, 0.4),
        ("sii_flux", "h_alpha_flux", -0.9, 0.3),
        ("oi_6300_flux", "h_alpha_flux", -2.0, -0.4),
        ("oiii_5007_flux", "h_beta_flux", -0.8, 1.2),
    ):
        table[name] = table[line] * 10 ** rng.uniform(low, high, n)
    table["h_alpha_ew"] = 10 ** rng.uniform(-1, 2, n)
    table["log_mass"], table["z"] = rng.uniform(8.5, 11.5, n), 0.1
    return table


def titles(figure):
    return [panel.get_title() for panel in figure.axes if panel.get_title()]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def run(*arguments):
    return CliRunner().invoke(main, ["plot", *map(str, arguments)])


@pytest.mark.parametrize(
    ("diagram", "labeler", "panels", "lines"),
    [
        ("bpt", "kewley2001-cut", 3, ["Kauffmann et al. (2003)", "Xu (2023)"]),
        ("bpt", "bpt-nii", 4, ["Kauffmann et al. (2003)", "Kewley et al. (2001)"]),
        ("bpt", "sdss-subclass", 3, ["SDSS pipeline"]),
        ("bpt", "kewley2013", 3, ["Kewley et al. (2013), z = 0.10"]),
        ("whan", "whan", 5, ["Cid Fernandes et al. (2011)"]),
        ("mex", "mex", 4, ["Juneau et al. (2014), lower", "Juneau et al. (2014), upper"]),
    ],
)
def test_picture_has_a_panel_for_all_and_for_each_class_and_names_its_lines(diagram, labeler, panels, lines):
    figure = draw(diagram, galaxies(), load_labeler(labeler))
    assert len(titles(figure)) == panels
    assert legend(figure) == lines
    assert figure.get_suptitle() == labeler


def test_three_diagrams_have_a_row_each():
    figure = draw("bpt", galaxies(), load_labeler("kewley2006"))
    assert [panel.get_xlabel().split()[1] for panel in figure.axes if panel.get_ylabel()] == ["([N", "([S", "([O"]
    assert len(legend(figure)) == 3


def test_titles_count_the_galaxies():
    table = galaxies()
    labels = agnsf.label(table, labeler="kauffmann2003")["label"]
    count = np.count_nonzero(labels == "AGN")
    shown = titles(draw("bpt", table, load_labeler("kauffmann2003")))
    assert shown[0] == f"all with a class: {len(table)}"
    assert shown[2] == f"AGN: {count} ({count / len(table):.0%})"


def test_class_that_does_not_occur_has_no_panel():
    table = galaxies()
    table = table[agnsf.label(table, labeler="kauffmann2003")["label"] == "SF"]
    assert [title.split(":")[0] for title in titles(draw("bpt", table, load_labeler("kauffmann2003")))] == [
        "all with a class",
        "SF",
    ]


def test_curve_is_drawn_where_it_is():
    figure = draw("bpt", galaxies(), load_labeler("kewley2001"))
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    x, y = lines["Kewley et al. (2001)"].get_data()
    inside = np.isfinite(y)
    assert np.allclose(y[inside], 0.61 / (x[inside] - 0.47) + 1.19)
    assert x[inside].max() < 0.47


def test_seyfert_line_starts_at_the_maximum_starburst_line():
    figure = draw("bpt", galaxies(), load_labeler("schawinski2007"))
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    x, y = lines["Schawinski et al. (2007), Seyfert/LINER"].get_data()
    assert x[np.isfinite(y)].min() == pytest.approx(-0.184, abs=0.003)


def test_shift_moves_the_mass_curves():
    plain, shifted = (
        draw("mex", galaxies(), load_labeler("mex", shift=shift)).axes[0].get_lines()[1:] for shift in (0.0, 0.5)
    )
    x, y = next(line for line in plain if "upper" in line.get_label()).get_data()
    moved_x, moved_y = next(line for line in shifted if "upper" in line.get_label()).get_data()
    assert np.interp(11.0, moved_x, moved_y) == pytest.approx(np.interp(10.5, x, y), abs=1e-3)


def test_galaxies_outside_the_axes_are_told():
    table = galaxies()
    table["oiii_5007_flux"][:3] = 1e6
    assert draw("bpt", table, load_labeler("bpt-nii")).get_suptitle() == "bpt-nii (outside the axes: 3)"


def test_galaxies_without_a_place_count_all_the_same():
    table = galaxies()
    table["h_alpha_flux"][:5], table["h_alpha_ew"][:5], table["nii_6584_ew"] = -1.0, -0.5, 0.1
    figure = draw("whan", table, load_labeler("whan"))
    assert figure.get_suptitle() == "whan (outside the axes: 5)"
    assert titles(figure)[0] == f"all with a class: {len(table)}"


def test_many_galaxies_become_a_histogram_with_a_color_bar():
    figure = draw("bpt", galaxies(5_000), load_labeler("kauffmann2003"))
    assert figure.axes[-1].get_ylabel() == "galaxies per bin"
    mesh = figure.axes[1].collections[-1]
    assert mesh.get_array().sum() == int(titles(figure)[1].split()[1].replace(",", ""))


def test_table_is_shown_by_the_labeler_that_labeled_it():
    labeled = agnsf.label(galaxies(), labeler=["whan", "kewley2001"])
    assert diagram_labeler("bpt", labeled).name == "kewley2001"
    assert diagram_labeler("whan", labeled).name == "whan"
    assert diagram_labeler("mex", labeled).name == "mex"


def test_labeler_without_the_axes_is_refused():
    with pytest.raises(AgnsfError, match="'whan' does not use the axes of the diagram 'bpt'"):
        draw("bpt", galaxies(), load_labeler("whan"))


def test_nothing_to_draw_is_said():
    table = galaxies(5)
    table["h_beta_flux"] = -1.0
    with pytest.raises(AgnsfError, match="nothing to draw"):
        draw("bpt", table, load_labeler("bpt-nii"))
    with pytest.raises(ColumnError, match="h_beta_flux"):
        draw("bpt", galaxies()["h_alpha_flux", "nii_6584_flux"], load_labeler("bpt-nii"))


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw("bpt", galaxies(50), load_labeler("bpt-nii"))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("diagram", ["bpt", "whan", "mex"])
def test_command_writes_a_picture(tmp_path, diagram):
    galaxies().write(tmp_path / "table.ecsv")
    out = tmp_path / "picture.png"
    done = run(diagram, tmp_path / "table.ecsv", "-o", out)
    assert done.exit_code == 0, done.output
    with Image.open(out) as picture:
        assert min(picture.size) > 500
        colors = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    blue = (colors[:, 2].astype(int) - colors[:, 0]) > 100  # star-forming galaxies
    orange = (colors[:, 0].astype(int) - colors[:, 2]) > 100  # AGN
    assert blue.sum() > 500
    assert orange.sum() > 500


def test_picture_of_an_unknown_kind_is_a_usage_error(tmp_path):
    galaxies().write(tmp_path / "table.ecsv")
    done = run("bpt", tmp_path / "table.ecsv", "-o", tmp_path / "picture.doc")
    assert done.exit_code == 2
    assert ".png, .pdf or .svg" in done.output


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("bpt", "--labeler", "whan"), 1, "does not use the axes"),
        (("bpt", "-L", "snr=5"), 2, "--labeler NAME"),
        (("nope",), 2, "nope"),
        (("bpt", "--labeler", "bpt-nii", "-L", "snr=-5"), 1, "snr"),
    ],
)
def test_mistakes_are_one_line_and_leave_no_picture(tmp_path, arguments, status, message):
    galaxies().write(tmp_path / "table.ecsv")
    done = run(arguments[0], tmp_path / "table.ecsv", *arguments[1:], "-o", tmp_path / "picture.png")
    assert done.exit_code == status
    assert message in done.output
    assert not (tmp_path / "picture.png").exists()
