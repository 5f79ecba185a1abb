# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The plugin of the tutorial: installed by pip, used through the command line against a local server."""

import io
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from astropy.table import Table
from PIL import Image

EXAMPLE = Path(__file__).parents[1] / "examples" / "agnsf-example-survey"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Install the plugin with pip; return the environment variables in which it is there."""
    scratch = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(EXAMPLE, scratch / "source")  # pip builds inside of it
    target = scratch / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--target", target, source], check=True)
    variables = {name: value for name, value in os.environ.items() if name != "AGNSF_DISABLE_PLUGINS"}
    return variables | {"PYTHONPATH": str(target), "XDG_CACHE_HOME": str(scratch / "cache")}


@pytest.fixture
def survey():
    """Serve one picture for every request; yield the URL and the list of requests."""
    size = np.hypot(*np.mgrid[-64:64, -64:64])
    picture = np.stack([250 * np.exp(-size / scale) for scale in (12, 10, 8)], axis=-1).astype(np.uint8)
    requests = []

    class Survey(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            requests.append(query)
            buffer = io.BytesIO()
            shape = (int(query["width"]), int(query["height"]))
            Image.fromarray(picture).resize(shape).save(buffer, "JPEG", quality=95)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(buffer.tell()))
            self.end_headers()
            self.wfile.write(buffer.getvalue())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Survey)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hips2fits", requests
    server.shutdown()
    thread.join()
    server.server_close()


def agnsf(*arguments, env):
    command = [sys.executable, "-m", "agnsf", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)


def test_installed_plugin_is_listed_with_its_distribution_and_options(environment):
    done = agnsf("plugins", env=environment)
    assert done.returncode == 0, done.stderr
    head = "image source panstarrs (agnsf-example-survey 1.0): Color pictures (i, r, g) of the Pan-STARRS survey"
    assert head in " ".join(done.stdout.split())
    assert "base_url = 'https://alasky.cds.unistra.fr/hips-image-services/hips2fits'" in done.stdout


def test_plugin_passes_its_own_tests(environment):
    pytest_ = [sys.executable, "-m", "pytest", "-q", "--rootdir", EXAMPLE, "-p", "no:cacheprovider"]
    done = subprocess.run([*pytest_, EXAMPLE], env=environment, capture_output=True, text=True, cwd=EXAMPLE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_installed_plugin_classifies_galaxies(environment, survey, tmp_path):
    base_url, requests = survey
    galaxies = Table({"ra": [150.0, 151.0, 152.0], "dec": [2.0, np.nan, -1.5]})
    galaxies.write(tmp_path / "galaxies.ecsv")
    options = ["--images", "panstarrs", "-I", f"base_url={base_url}", "--size", 64, "--pixel-scale", 0.5]
    options += ["--classifier", "sdss", "-o", tmp_path / "out.ecsv"]
    done = agnsf("classify", tmp_path / "galaxies.ecsv", *options, env=environment)
    assert done.returncode == 0, done.stderr
    assert "Warning: " in done.stderr  # the model was trained on other pictures
    out = Table.read(tmp_path / "out.ecsv")
    assert out["image_status"].tolist() == ["ok", "bad_coordinates", "ok"]
    assert out["p_agn"].mask.tolist() == [False, True, False]
    assert sorted(float(query["ra"]) for query in requests) == [150.0, 152.0]
    assert {query["hips"] for query in requests} == {"CDS/P/PanSTARRS/DR1/color-i-r-g"}
    assert {(query["width"], query["height"]) for query in requests} == {("64", "64")}
    assert [float(query["fov"]) for query in requests] == pytest.approx([64 * 0.5 / 3600] * 2)
