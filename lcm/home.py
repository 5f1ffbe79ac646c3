"""Where this checkout keeps what it makes while running: database, secret, logs, locks."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder `.lcm` of the project, or the one that `LCM_HOME` names; made when missing."""
    folder = Path(os.environ.get("LCM_HOME") or PROJECT / ".lcm").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kept_token(path: Path) -> str:
    """A random text kept in a file, for its owner alone; made when first asked for."""
    try:
        return path.read_text()
    except FileNotFoundError:
        _write_once(path, secrets.token_urlsafe(50))
        return path.read_text()


def _write_once(path: Path, text: str) -> None:
    """Write a file whole unless there is one: of many who try at once, one wins."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.") as file:
        file.write(text)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
