"""How large the house is: code lines, files, the longest function, parameters, and arrows between modules.

Usage: python bench/house.py [FOLDER]. Code lines are physical lines without blank lines, comments and docstrings.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

PACKAGES = ("eventstudy", "jobs")
MANY = 8  # parameters


def code_lines(text: str) -> int:
    """Lines that hold code."""
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node, clean=False
        ):
            first = node.body[0]
            skipped.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    held: set[int] = set()
    layout = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in layout:
            held.update(range(token.start[0], token.end[0] + 1))
    return len(held - skipped)


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    trees = {path: ast.parse(path.read_text("utf-8")) for path in paths}
    functions = [
        (node, path)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    longest, where = max(functions, key=lambda f: (f[0].end_lineno or 0) - f[0].lineno)
    many = []
    for node, _ in functions:
        given = node.args
        names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        if len([n for n in names if n not in ("self", "cls")]) >= MANY and node.name != "__init__":
            many.append(node.name)
    arrows = {
        (path, base)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (base := node.module or "").partition(".")[0] in PACKAGES
    }
    print(f"code lines {sum(code_lines(path.read_text('utf-8')) for path in paths):,} in {len(paths)} files")
    lines = (longest.end_lineno or 0) - longest.lineno + 1
    print(f"longest function {longest.name}, {lines} lines, in {where.relative_to(root)}")
    print(f"functions with {MANY} parameters or more: {len(many)}")
    print(f"arrows between modules: {len(arrows)}")


if __name__ == "__main__":
    main()
