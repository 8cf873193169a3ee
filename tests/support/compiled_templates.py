"""Templates compiled once for all apps of a test run: compiling them takes longer than what most tests do."""

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


class _InMemory(BytecodeCache):
    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_CACHE = _InMemory()


def with_compiled_templates(app: Flask) -> Flask:
    """The same app."""
    app.jinja_env.bytecode_cache = _CACHE
    return app
