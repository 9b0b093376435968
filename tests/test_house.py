"""The house keeps its shape: rooms import in one straight line, tests mirror them, mappings have their examples."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "adapter"

# Each room, and the rooms that it may import. The order is that of the docstring of adapter/__init__.py.
MAY_IMPORT = {
    "errors": set(),
    "scim": {"errors"},
    "mapping": {"errors", "scim"},
    "settings": {"errors", "mapping"},
    "plan": {"errors", "scim", "mapping"},
    "upstream": {"errors", "scim", "mapping", "plan"},
    "store": {"errors", "scim", "mapping", "plan"},
    "audit": {"errors", "scim", "mapping", "plan"},
    "web": {"errors", "settings", "scim", "mapping", "plan", "upstream", "store", "audit"},
    "cli": {
        "errors",
        "settings",
        "scim",
        "mapping",
        "plan",
        "upstream",
        "store",
        "audit",
        "web",
        "sandbox",
        "simulator",
    },
    "sandbox": set(),
    "simulator": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
PURE = ("errors", "scim", "mapping", "plan")
# What a pure room must not touch: the network, the clock, the log, the disk, chance.
IMPURE = {
    "asyncio",
    "httpx",
    "litestar",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "time",
    "datetime",
    "sqlite3",
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    ]
    return set(names)


def _name(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_room_imports_only_rooms_before_it(module: Path) -> None:
    rooms = {name.split(".")[1] for name in _imports(module) if name.startswith("adapter.")}
    assert rooms <= MAY_IMPORT[_room(module)] | {_room(module)}


@pytest.mark.parametrize("module", [each for each in MODULES if _room(each) in PURE], ids=_name)
def test_a_pure_room_touches_nothing_outside(module: Path) -> None:
    assert {name.split(".")[0] for name in _imports(module)}.isdisjoint(IMPURE)


# The sandbox stands in for these, and the demo and its commands play against it: there the names belong.
SHOW = ("sandbox", "simulator", "cli/standin.py")
SYSTEMS = sorted(
    {each.name.split(".")[0] for each in (ROOT / "mappings").glob("*.yaml")} - {"template"}
    | {"n_able", "nable", "n_central"}
)


def _said(module: Path) -> str:
    """Return a module's code without its comments and docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]  # checked above
                each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ] or [ast.Pass()]
    return ast.unparse(tree).lower()


@pytest.mark.parametrize("module", [each for each in MODULES if not _name(each).startswith(SHOW)], ids=_name)
def test_nothing_serves_one_upstream_only(module: Path) -> None:
    said = _said(module)
    assert [each for each in SYSTEMS if re.search(rf"(?<![a-z]){each}(?![a-z])", said)] == []


def _hidden(made: ast.ClassDef) -> set[str]:
    """Return the names in a class's annotations that the class itself gives another meaning."""
    fields = [each for each in made.body if isinstance(each, ast.AnnAssign)]
    methods = [each for each in made.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    given = {each.target.id for each in fields if isinstance(each.target, ast.Name)} | {each.name for each in methods}
    taken = [each.annotation for method in methods for each in ast.walk(method.args) if isinstance(each, ast.arg)]
    said = [each.annotation for each in fields] + taken + [each.returns for each in methods]
    return given & {each.id for one in said if one for each in ast.walk(one) if isinstance(each, ast.Name)}


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_no_annotation_means_another_thing_when_it_is_read_late(module: Path) -> None:
    # From Python 3.14 on an annotation is read when it is asked for (PEP 649): `list` is then the class's field of that name.
    made = [each for each in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(each, ast.ClassDef)]
    assert {each.name: _hidden(each) for each in made if _hidden(each)} == {}


@pytest.mark.parametrize("module", [each for each in MODULES if not each.name.startswith("__")], ids=_name)
def test_every_module_has_its_test_file(module: Path) -> None:
    mirrored = ROOT / "tests" / module.relative_to(PACKAGE).with_name(f"test_{module.name}")
    assert mirrored.is_file()


@pytest.mark.parametrize("test", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda test: test.name)
def test_every_test_file_holds_tests(test: Path) -> None:
    tree = ast.parse(test.read_text(encoding="utf-8"))
    assert any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree.body)


@pytest.mark.parametrize("mapping", sorted((ROOT / "mappings").glob("*.yaml")), ids=lambda mapping: mapping.stem)
def test_every_mapping_has_its_examples(mapping: Path) -> None:
    assert mapping.with_name(
        mapping.name.removesuffix(".examples.yaml").removesuffix(".yaml") + ".examples.yaml"
    ).is_file()


def test_the_house_docstring_names_every_room() -> None:
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    rooms = {_room(module) for module in MODULES} - {"__init__", "__main__"}
    assert [room for room in sorted(rooms) if room not in text] == []
