"""A regression as a formula: ``car ~ surprise + C(sector)``, as statsmodels and R write it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.inference.cross_section import Design

# What may stand in a formula beside columns and numbers: patsy's own, and functions of numpy. Nothing else, since a
# formula is evaluated.
OF_PATSY = ("C", "Q", "I", "bs", "cc", "cr", "te", "center", "standardize", "scale")
CONTRASTS = ("Treatment", "Sum", "Helmert", "Poly", "Diff")
OF_NUMPY = (
    "log",
    "log1p",
    "log2",
    "log10",
    "exp",
    "sqrt",
    "abs",
    "sign",
    "square",
    "maximum",
    "minimum",
    "clip",
    "where",
)
NOT_EVALUATED = (ast.Lambda, ast.Await, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MOST_COLUMNS = 2_000  # of a design: above, its cross-product alone takes minutes


def design_of(formula: str, frame: pd.DataFrame) -> Design:
    """The design that a formula means.

    Parameters
    ----------
    formula : str
        In patsy's language: ``car ~ surprise + C(sector) + np.log(size)``.
    frame : DataFrame
        A row per event; text is a category. Events that lack what the formula names are left out of it, as NaN.

    Raises
    ------
    InputError
        When it cannot be read, or names what there is not.
    """
    import patsy

    try:
        described = patsy.ModelDesc.from_formula(formula)
        for factor in {
            factor for term in (*described.lhs_termlist, *described.rhs_termlist) for factor in term.factors
        }:
            _check(factor.name(), frame.columns)
    except (patsy.PatsyError, SyntaxError) as error:
        problem = str(error).splitlines()[0]
        raise _refused(f"the formula cannot be read: {problem}", formula) from error
    if len(described.lhs_termlist) != 1:
        raise _refused("the formula needs one thing on its left, as car is", formula)
    names = {name: getattr(np, name) for name in OF_NUMPY}
    environment = patsy.EvalEnvironment([{"np": _Functions(names)}])
    try:
        y, x = patsy.dmatrices(
            described, frame, environment, NA_action=patsy.NAAction(NA_types=["None", "NaN"]), return_type="dataframe"
        )
    except (patsy.PatsyError, TypeError, ValueError, KeyError) as error:
        raise _refused(f"the formula cannot be evaluated: {str(error).splitlines()[0]}", formula) from error
    if y.shape[1] != 1:
        raise _refused("the formula has a category on its left", formula)
    if x.shape[1] > MOST_COLUMNS:
        raise _refused(f"the formula makes {x.shape[1]:,} columns, and {MOST_COLUMNS:,} are the most", formula)
    info = x.design_info
    places = {_plain(term): part for term, part in info.term_name_slices.items() if part.stop - part.start > 1}
    at = y.index.to_numpy()
    whole = np.full((len(frame), x.shape[1]), np.nan)
    whole[at] = x.to_numpy(dtype=float)
    left = np.full(len(frame), np.nan)
    left[at] = y.iloc[:, 0].to_numpy(dtype=float)
    return Design(y=left, x=whole, names=tuple(_plain(name) for name in info.column_names), terms=places)


class _Functions:
    """Functions of numpy under their names, and no other thing of it."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        vars(self).update(functions)


def _check(code: str, columns: Iterable[str]) -> None:
    """Refuse what is neither a column nor a function that formulas may use."""
    known = {*columns}
    for node in ast.walk(ast.parse(code, mode="eval")):
        if isinstance(node, NOT_EVALUATED):
            raise _refused("a formula may hold columns, numbers and functions, and nothing else", code)
        if isinstance(node, ast.Attribute):
            of_numpy = isinstance(node.value, ast.Name) and node.value.id == "np"
            if not (of_numpy and node.attr in OF_NUMPY):
                functions = ", ".join(f"np.{name}" for name in OF_NUMPY)
                raise _refused("there is no such function", code, f"functions are {functions}")
        elif isinstance(node, ast.Name) and node.id not in known | {"np", *OF_PATSY, *CONTRASTS}:
            raise _refused(f"there is no such column: {node.id}", code, f"columns are {', '.join(map(str, columns))}")
        elif isinstance(node, ast.Call) and _is_quoted(node) and ast.literal_eval(node.args[0]) not in known:
            raise _refused("there is no such column", code, f"columns are {', '.join(map(str, columns))}")


def _is_quoted(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "Q" and isinstance(call.args[0], ast.Constant)


def _plain(name: str) -> str:
    return "constant" if name == "Intercept" else name


def _refused(problem: str, value: str, remedy: str = "write for example car ~ surprise + C(sector)") -> DataError:
    return DataError(problem, where="formula", value=value, remedy=remedy)
