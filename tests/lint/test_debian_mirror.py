import subprocess

import pytest

from scripts import ROOT

NEW = "Types: deb\nURIs: {0}\nSuites: bookworm\nComponents: main\n"
OTHER = "deb https://packages.example/apt stable main\n"


def mirror(folder):
    done = subprocess.run([ROOT / ".ci/debian-mirror", folder], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


@pytest.mark.parametrize("file, text", [
    ("sources.list", "deb [signed-by=/k.gpg] http://one.example/debian bookworm main\n"),
    ("sources.list.d/a.list", "# deb http://not.example/debian x main\ndeb http://one.example/debian/ trixie main\n"),
    ("sources.list.d/debian.sources", NEW.format("http://one.example/debian")),
    ("sources.list.d/debian.sources", NEW.format("http://one.example/debian-security http://one.example/debian")),
    ("sources.list.d/debian.sources", NEW.format("mirror+file:{0}/mirrors/debian.list")),
    ("sources.list.d/debian.sources", NEW.format("mirror+file://{0}/mirrors/debian.list")),
    ("sources.list.d/a.list", "deb mirror+file:{0}/mirrors/debian.list bookworm main\n"),
])
def test_the_mirror_is_found_however_it_is_named(tmp_path, file, text):
    for part in ("sources.list.d", "mirrors"):
        (tmp_path / part).mkdir()
    (tmp_path / "mirrors/debian.list").write_text("# cloud\nhttp://one.example/debian\tpriority:1\n")
    (tmp_path / "sources.list.d/1.list").write_text(OTHER)
    (tmp_path / file).write_text(text.replace("{0}", str(tmp_path)))
    assert mirror(tmp_path).rstrip("/") == "http://one.example/debian"


def test_without_a_mirror_there_is_no_answer(tmp_path):
    (tmp_path / "sources.list").write_text(OTHER)
    assert mirror(tmp_path) is None
