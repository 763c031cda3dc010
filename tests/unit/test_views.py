"""A view of an image's memory does not keep the image: a temporary one's is freed memory."""

import ast


def test_no_view_outlives_its_image(root):
    found = 0
    for folder in ("src", "tests", "benchmarks"):
        for file in sorted((root / folder).rglob("*.py")):
            tree = ast.parse(file.read_text())
            returned = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Return)}
            for call in ast.walk(tree):
                if not isinstance(call, ast.Call):
                    continue
                if getattr(call.func, "attr", "") != "GetArrayViewFromImage":
                    continue
                found += 1
                where = f"{file.relative_to(root)}:{call.lineno}"
                assert isinstance(call.args[0], ast.Name | ast.Attribute), where
                assert id(call) not in returned, where
    assert found > 20
