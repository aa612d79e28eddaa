"""The table of methods: sagin's own, registered ones, and methods from other packages, files or
folders.
"""

from sagin.methods.evaluation import (
    Evaluation,
    evaluate,
    evaluate_relaying,
    evaluate_slicing,
)
from sagin.methods.method import KINDS, Method
from sagin.methods.table import find_method, find_methods, list_methods, make_method, register

__all__ = [
    "KINDS",
    "Evaluation",
    "Method",
    "evaluate",
    "evaluate_relaying",
    "evaluate_slicing",
    "find_method",
    "find_methods",
    "list_methods",
    "make_method",
    "register",
]
