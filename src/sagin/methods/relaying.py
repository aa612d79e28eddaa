"""Methods of the relaying system that come with sagin."""

from sagin.methods.method import Method

ROWS: tuple[Method, ...] = ()
