"""What identifies the code behind a number: a hash of the package's sources and compilers."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

PACKAGES = ("numba", "llvmlite", "numpy", "mesa", "pandas", "hydra-core", "matplotlib", "joblib", "pyarrow", "tqdm")


@functools.cache
def code_version() -> str:
    """Return a 12-digit hash of all sources of allysim and of the versions that shape its numbers.

    It names the cache of compiled kernels and is part of a run's identity: an edit anywhere in the
    package, another Numba or another NumPy gives another version.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    digest.update(platform.python_version().encode())
    return digest.hexdigest()[:12]


def versions() -> dict[str, str]:
    """Return the versions of Python, allysim and the packages it stands on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in ("allysim", *PACKAGES)}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # a checkout that runs without having been installed
        return "not installed"
