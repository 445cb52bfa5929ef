"""Sources read as text (never imported), and docstrings turned into Markdown."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import griffe

PACKAGE = Path(__file__).parents[1] / "src" / "allysim"
CODE = re.compile(r"(``.+?``|`[^`\n]+`)", re.DOTALL)


def read(module: str) -> griffe.Module:
    """Return a module of the package ("" or such as ``study.ensemble``), with its docstrings parsed as numpy's."""
    file = PACKAGE.joinpath(*module.split("."))
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    return griffe.visit(f"allysim.{module}".rstrip("."), filepath=file, code=file.read_text(encoding="utf-8"),
                        docstring_parser="numpy", docstring_options={"warnings": False})


def modules(folder: str = "") -> Iterator[str]:
    """Yield the names of all modules in a folder of the package, in order, the package itself as ""."""
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        if file.stem != "__main__":
            module = file.parent if file.stem == "__init__" else file.with_suffix("")
            yield ".".join(module.relative_to(PACKAGE).parts)


def about(thing: griffe.Object) -> str:
    """Return what a docstring says before its first section, examples left out."""
    if not thing.docstring:
        return ""
    texts = [part.value for part in thing.docstring.parsed if part.kind is griffe.DocstringSectionKind.text]
    return "\n\n".join(text for text in texts if not text.startswith(">>>"))


def prose(text: str, link: Callable[[str], str | None] = lambda name: None) -> str:
    """Return a docstring's text as Markdown: code in single backticks, links where `link` knows a target."""
    def paragraph(block: str) -> str:
        if block.startswith(">>>"):
            return f"```python\n{re.sub('  # doctest:.*', '', block)}\n```"
        parts = CODE.split(block)
        parts[::2] = [re.sub(r"([<*~])", r"\\\1", part) for part in parts[::2]]
        parts[1::2] = [_code(part, link) for part in parts[1::2]]
        return "".join(parts)

    return "\n\n".join(paragraph(block) for block in textwrap.dedent(text).strip().split("\n\n"))


def _code(quoted: str, link: Callable[[str], str | None]) -> str:
    name = " ".join(quoted.strip("`").split())
    target = None if quoted.startswith("``") else link(name)
    return f"[`{name}`](#{target})" if target else f"`{name}`"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table, columns that are empty throughout left out."""
    lines = [[cell.replace("|", r"\|").replace("\n", " ") for cell in row] for row in rows]
    used = [column for column, cells in enumerate(zip(*lines, strict=True)) if any(cells)]
    shown = [list(head), ["---"] * len(lines[0]), *lines]
    return "\n".join("| " + " | ".join(line[column] for column in used) + " |" for line in shown)
