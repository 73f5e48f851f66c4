#!/usr/bin/env python3
"""README's table of all values, made of the comments in values.yaml: each value needs one.

values_table.py prints it, values_table.py --write puts it into README.md.
"""

import json
import pathlib
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- values -->\n", "<!-- /values -->\n"


def documented(text):
    """(path, comment, default) of each value with a comment, in the file's order; comments stand right above their key."""
    values, path, comment, rows = yaml.safe_load(text), [], [], []
    for line in text.splitlines()[1:]:
        bare = line.strip()
        if bare.startswith("#"):
            comment.append(bare.lstrip("# "))
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        if bare and not bare.startswith("-"):
            path[depth:] = [bare.split(":")[0]]
            if comment:
                value = values
                for key in path:
                    value = value[key]
                rows.append((".".join(path), " ".join(comment), value))
        comment = []
    return rows


def without_comment(text):
    """Values that neither have a comment nor lie in one that has."""
    explained = {path for path, _, _ in documented(text)}

    def walk(value, path):
        if path in explained:
            return
        if not isinstance(value, dict) or not value:
            yield path
            return
        for key, each in value.items():
            yield from walk(each, f"{path}.{key}".lstrip("."))
    return list(walk(yaml.safe_load(text), ""))


def table():
    rows = documented((CHART / "values.yaml").read_text())
    lines = ["| value | default | meaning |", "| --- | --- | --- |"]
    for path, comment, default in rows:
        shown = "" if default == "" else f"`{default if isinstance(default, str) else json.dumps(default)}`"
        lines.append(f"| `{path}` | {shown} | {comment} |")
    return "\n".join(lines) + "\n"


def with_table(readme):
    head, rest = readme.split(BEGIN)
    return head + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        path = CHART / "README.md"
        path.write_text(with_table(path.read_text()))
    else:
        print(table(), end="")
