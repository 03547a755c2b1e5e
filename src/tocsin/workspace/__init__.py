"""The workspace: the folder with `sources/` and `rules/` that people edit, and `data/` that we keep.

`load` reads it strictly; `load_for_service` is what a running service uses: it goes on with the last good version of
a file that has become unusable, and says so.
"""

from tocsin.workspace.load import Workspace, load, load_for_service, load_rules, read_rules, survey
from tocsin.workspace.root import DATA, find_root, template_root

__all__ = [
    "DATA",
    "Workspace",
    "find_root",
    "load",
    "load_for_service",
    "load_rules",
    "read_rules",
    "survey",
    "template_root",
]
