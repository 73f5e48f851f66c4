"""The pages say what the chart has."""

import re

import values_table
import yaml
from chart import CHART


def test_every_value_has_a_comment():
    assert values_table.without_comment((CHART / "values.yaml").read_text()) == []


def test_the_table_is_that_of_the_values():
    readme = (CHART / "README.md").read_text()
    assert readme == values_table.with_table(readme), "charts/warren/tests/values_table.py --write"


def test_values_named_in_the_pages_exist():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for page in ("README.md", "docs/existing.md", "templates/NOTES.txt"):
        for path in re.findall(r"`((?:rabbitmq|warren|existing|image|podMonitor|prometheusRule|dashboard)\.[A-Za-z.]+)(?:=[^`]*)?`", (CHART / page).read_text()):
            if path.startswith("rabbitmq.conf"):
                continue
            value = values
            for key in path.split("."):
                assert key in value, f"{page}: {path}"
                value = value[key]


def test_files_named_in_the_pages_exist():
    for page in ("README.md", "docs/existing.md"):
        for path in re.findall(r"\]\(([^)#:]+)\)", (CHART / page).read_text()):
            assert ((CHART / page).parent / path).exists(), f"{page}: {path}"
