"""No function takes more parameters than a reader can hold: what travels together is a record."""

import ast

MOST = 10


def parameters(function: ast.FunctionDef) -> int:
    given = function.args
    several = (given.vararg, given.kwarg)
    return len(given.posonlyargs + given.args + given.kwonlyargs) + sum(map(bool, several))


def test_no_function_takes_more_than_ten_parameters(root):
    package = root / "src" / "taceflow"
    longer = set()
    for file in package.rglob("*.py"):
        module = ".".join(file.relative_to(package).with_suffix("").parts)
        longer |= {
            f"{module}.{node.name}"
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef) and parameters(node) > MOST
        }
    assert longer == set()
