# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from browsing import open_browser, set_screen
from PIL import Image

from agnsf import report
from agnsf.evaluation import Bootstrap, evaluate_table
from agnsf.plugins import load_image_source

N = 120


def galaxies():
    rng = np.random.default_rng(0)
    is_agn = rng.permutation(np.arange(N) < 0.4 * N)
    return Table(
        {
            "id": [str(587722982830178312 + i) for i in range(N)],
            "ra": rng.uniform(0, 360, N),
            "dec": rng.uniform(-10, 60, N),
            "label": np.where(is_agn, np.where(rng.random(N) < 0.5, "AGN", "composite"), "SF"),
            "p_agn": 1 / (1 + np.exp(-rng.normal(np.where(is_agn, 1.0, -1.0), 1.3))),
            "label_source": rng.choice(["one", "two"], N),
            "image": [f"{i}.png" for i in range(N)],
            "evil": ["<script>document.title = 'broken'</script>"] * N,
        }
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the pages of an evaluation and of a classification, as addresses by name."""
    folder = tmp_path_factory.mktemp("pages")
    table = galaxies()
    for i in range(20):
        Image.fromarray(np.full((40, 40, 3), 10 * i, dtype=np.uint8)).save(folder / f"{i}.png")
    source = load_image_source("folder", path=str(folder), pattern="{image}", color="skyserver")
    evaluation = evaluate_table(table, name="<b>galaxies</b>", bootstrap=Bootstrap(resamples=40))
    path = report.write_evaluation(evaluation, folder / "out", images=source, provenance={"command": "agnsf <evil>"})
    table["predicted"] = np.where(table["p_agn"] > 0.5, "AGN", "SF")
    table["image_status"] = "ok"
    report.write_classification(table, folder / "classified.html", threshold=0.5)
    return {"evaluation": path.as_uri(), "classification": (folder / "classified.html").as_uri()}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = open_browser(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, pages):
    """Return the browser with the page of the evaluation, on a wide screen."""
    set_screen(browser, 1280)
    browser.get(pages["evaluation"])
    return browser


def find(driver, selector):
    return driver.find_elements("css selector", selector)


def column(driver, name):
    """Return the texts of a column of the galaxy table as it is shown."""
    headers = [th.text.split(" ")[0].strip() for th in find(driver, "#galaxy-table thead th")]
    at = headers.index(name)
    script = (
        "return [...document.querySelectorAll('#galaxy-table tbody tr')]"
        ".map((row) => row.children[arguments[0]].textContent)"
    )
    return driver.execute_script(script, at)


def button(driver, name):
    return next(one for one in find(driver, "#galaxy-table thead button") if one.text.startswith(name))


def status(driver):
    return driver.find_element("id", "galaxy-status").text


def shown_requests(driver):
    """Return the addresses that the browser asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("name", ["evaluation", "classification"])
def test_a_page_opens_without_errors_and_asks_for_nothing(browser, pages, name):
    browser.get_log("browser")
    shown_requests(browser)
    browser.get(pages[name])
    asked = [url for url in shown_requests(browser) if not url.startswith("data:")]
    assert asked == [pages[name]]
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    assert len(find(browser, "#galaxy-table tbody tr")) == 50
    assert "broken" not in browser.title


def test_a_click_sorts_up_and_another_one_down(page):
    button(page, "p_agn").click()
    rising = [float(text) for text in column(page, "p_agn")]
    assert rising == sorted(rising)
    header = next(th for th in find(page, "#galaxy-table thead th") if th.text.startswith("p_agn"))
    assert header.get_attribute("aria-sort") == "ascending"
    button(page, "p_agn").click()
    falling = [float(text) for text in column(page, "p_agn")]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > rising[0]
    assert len(find(page, "#galaxy-table th[aria-sort]")) == 1


def test_ids_are_sorted_by_their_last_digit_too(page):
    button(page, "galaxy").click()
    assert column(page, "galaxy") == [str(587722982830178312 + i) for i in range(50)]


def test_pictures_follow_their_galaxies_when_sorted(page):
    button(page, "galaxy").click()
    button(page, "galaxy").click()
    assert not find(page, "#galaxy-table tbody img")  # the last galaxies have no picture
    button(page, "galaxy").click()
    alt = [image.get_attribute("alt") for image in find(page, "#galaxy-table tbody img")]
    assert alt == [f"Cutout of {587722982830178312 + i}" for i in range(20)]
    assert all(page.execute_script("return arguments[0].naturalWidth", image) for image in find(page, "tbody img"))


def test_filters_and_search_work_together(page):
    table = galaxies()
    label, verdict = (find(page, f"select[data-column={name}]")[0] for name in ("label", "verdict"))
    label.send_keys("composite")
    assert set(column(page, "label")) == {"composite"}
    verdict.send_keys("wrong")
    wrong = (table["label"] == "composite") & (table["p_agn"] < 0.5)
    assert status(page) == f"Galaxies 1 to {wrong.sum()} of {wrong.sum()}"
    page.find_element("id", "galaxy-search").send_keys("no such galaxy")
    assert status(page) == "No galaxy fits the filters"


def test_the_next_page_shows_the_next_galaxies(page):
    assert status(page) == "Galaxies 1 to 50 of 120"
    following = page.find_element("id", "galaxy-after")
    following.click()
    following.click()
    assert status(page) == "Galaxies 101 to 120 of 120"
    following.click()
    assert status(page) == "Galaxies 101 to 120 of 120"
    assert page.switch_to.active_element == following


def test_everything_works_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    page.find_element("tag name", "body").send_keys(Keys.TAB)
    skip = page.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.ENTER)
    page.find_element("id", "galaxy-after").send_keys(Keys.TAB, Keys.TAB)
    reached = []
    for _ in range(8):
        element = page.switch_to.active_element
        reached.append(element.text)
        if element.text.startswith("p_agn"):
            break
        element.send_keys(Keys.TAB)
    assert reached[-1].startswith("p_agn")
    page.switch_to.active_element.send_keys(Keys.ENTER)
    values = [float(text) for text in column(page, "p_agn")]
    assert values == sorted(values)
    page.switch_to.active_element.send_keys(Keys.SPACE)
    values = [float(text) for text in column(page, "p_agn")]
    assert values == sorted(values, reverse=True)
    outline = page.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["evaluation", "classification"])
def test_nothing_sticks_out_of_the_screen(browser, pages, width, name):
    set_screen(browser, width)
    browser.get(pages[name])
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    hidden = """
        return [...document.querySelectorAll("main h2, main p, main figure, .cards > div, .controls > label")]
          .filter((one) => one.checkVisibility())
          .filter((one) => one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > arguments[0])
          .map((one) => one.textContent.slice(0, 40));
    """
    assert browser.execute_script(hidden, width) == []
    size = browser.execute_script(
        "return parseFloat(getComputedStyle(document.querySelector('figcaption, p')).fontSize)"
    )
    assert size >= 12


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [("evaluation", 1280, False), ("evaluation", 390, True), ("classification", 390, False)],
)
def test_axe_finds_nothing_serious(browser, pages, name, width, dark):
    axe = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    set_screen(browser, width, dark=dark)
    browser.get(pages[name])
    browser.execute_script((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    browser.set_script_timeout(120)
    # A drawing is one image to a reader; its thousand strokes need no look.
    found = browser.execute_async_script("axe.run({exclude: ['figure svg']}).then(arguments[0])")
    serious = {
        one["id"]: [node["html"][:120] for node in one["nodes"]][:3]
        for one in found["violations"]
        if one["impact"] in ("serious", "critical", "moderate")
    }
    assert serious == {}
    assert len(found["passes"]) > 20


def test_the_page_is_dark_where_the_reader_wants_it(browser, pages):
    colors = {}
    for dark in (False, True):
        set_screen(browser, 1280, dark=dark)
        browser.get(pages["evaluation"])
        script = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        colors[dark] = browser.execute_script(script)
        ink = browser.execute_script("return getComputedStyle(document.querySelector('figure svg')).color")
        assert ink == colors[dark][1]
    assert colors[False] != colors[True]
