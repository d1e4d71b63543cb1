"""One dialect: what the signature states, types and defaults, no docstring states again."""

import ast
import re

from .conftest import ROOT

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
TYPE = re.compile(r'^ +\*{0,2}[a-z]\w* \([^)]*\): ', re.MULTILINE)
RETURNED = re.compile(r'^Returns:\n +(tuple|dict|list|str|int|float|bool|Tensor)\b[^ ]*: ', re.M)


def docstrings():
    for path in sorted((ROOT / 'depthdecomp_mm').rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())) if '.mim' not in path.parts else ():
            if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                yield f'{path.relative_to(ROOT)}: {getattr(node, "name", "module")}', text


def test_types_and_defaults_stand_in_the_signature():
    found = list(docstrings())
    assert len(found) > 500
    repeated = [
        where
        for where, text in found
        if TYPE.search(text) or RETURNED.search(text) or 'efaults to' in text
    ]
    assert repeated == []
