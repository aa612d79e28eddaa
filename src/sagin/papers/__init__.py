"""Published systems, one folder per paper: figures, claims, open definitions and text as data.

`REGISTRY` is the only list of papers; the command line, the documentation and the schema read it.
"""

from sagin.papers.paper import REGISTRY, Paper, Text, find_paper, load_scenario

__all__ = ["REGISTRY", "Paper", "Text", "find_paper", "load_scenario"]
