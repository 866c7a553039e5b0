"""What hatchling does before it installs or packs this folder: the catalogues of texts are compiled."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Also for an editable install, so that a first command finds them."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Compile each source that is newer than its product."""
        sys.path.insert(0, str(Path(self.root) / "src"))
        from dealflow.wording.compiled import LOCALE, compiled  # noqa: PLC0415  found only now

        for folder in LOCALE.iterdir():
            compiled(folder.name)
