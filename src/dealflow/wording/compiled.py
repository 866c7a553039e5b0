"""The compiled catalogue of a language: made by the build, and made anew where its source was edited since."""

import os
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def compiled(language: str, locale: Path = LOCALE) -> Path | None:
    """The file that gettext reads; nothing for English, which is the language of the source, or an unknown language.

    A checkout has the source beside it: whoever edits that must see the new text at once, not after the next build.
    """
    folder = locale / language / "LC_MESSAGES"
    source, product = folder / "dealflow.po", folder / "dealflow.mo"
    try:
        edited = source.stat().st_mtime_ns
    except FileNotFoundError:
        return product if product.exists() else None
    try:
        is_fresh = product.stat().st_mtime_ns == edited
    except FileNotFoundError:
        is_fresh = False
    return product if is_fresh else compile_catalogue(source, product)


def compile_catalogue(source: Path, product: Path) -> Path:
    """Write the product, in one piece, with the time of its source."""
    # Only developers and the build come here; loading Babel takes longer than a short command.
    try:
        from babel.messages.mofile import write_mo  # noqa: PLC0415  Babel loads slowly, and nearly always nothing is to be compiled
        from babel.messages.pofile import read_po  # noqa: PLC0415  Babel loads slowly, and nearly always nothing is to be compiled
    except ImportError as error:
        raise ImportError(
            f"{source} is not compiled, and Babel, which does it, is not installed: run `make`"
        ) from error

    edited = source.stat().st_mtime_ns
    with source.open("rb") as stream:
        texts = read_po(stream, abort_invalid=True)
    draft = product.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("wb") as stream:
        write_mo(stream, texts)
    os.utime(draft, ns=(edited, edited))
    return draft.replace(product)
