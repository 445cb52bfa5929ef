"""Write the generated pages of docs/, all or those named: `render` of every make_*.py makes its `PAGE`, or several.

    python docs/make.py [api | levers | model | rules | worked_months] ...
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent


def makers() -> dict[str, ModuleType]:
    """Return the modules that make pages, by the page's name."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    names = sorted(path.stem for path in HERE.glob("make_*.py"))
    return {name.removeprefix("make_"): importlib.import_module(name) for name in names}


def pages(maker: ModuleType) -> dict[Path, str]:
    """Return the text of each page that a maker makes."""
    made = maker.render()
    return made if isinstance(made, dict) else {maker.PAGE: made}


if __name__ == "__main__":
    known = makers()
    for name in sys.argv[1:] or known:
        if name not in known:
            sys.exit(f"there is no generated page '{name}': there are {', '.join(known)}")
        for page, text in pages(known[name]).items():
            page.write_text(text, encoding="utf-8")
            print(f"wrote {page}")
