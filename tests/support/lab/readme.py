"""What README tells users to apply: its YAML, the rules of its Role, and the names in its table of settings."""

import json
import re

from .agent import ROOT


def text():
    return (ROOT / "README.md").read_text()


def yaml():
    """The StatefulSet with all that belongs to it, as it stands in README."""
    return re.search(r"^```yaml\n(.*?)^```", text(), re.S | re.M)[1]


def rules():
    """The rules of the Role, as dictionaries. Each is one line of YAML that is JSON but for its missing quotes."""
    role = next(part for part in yaml().split("---\n") if "kind: Role\n" in part)
    quoted = [re.sub(r"(?<![\"\w])[\w.]+", r'"\g<0>"', line) for line in re.findall(r"^  - (\{.*\})$", role, re.M)]
    return [json.loads(line) for line in quoted]


def settings():
    """Every name that the table of settings has in backquotes."""
    table = re.search(r"<!-- settings -->(.*?)<!-- /settings -->", text(), re.S)[1]
    return set(re.findall(r"`([^`]+)`", table))
