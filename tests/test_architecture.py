"""The ladder: a module imports only from its own rung or from a lower one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMING = ("market", "search", "seeds", "templates", "tests", "docs", ".ci")

LADDER: list[set[str]] = [
    {"search"},
    {"errors", "values", "config"},
    {"db"},
    {"viewer", "i18n"},
    {"journal", "locker", "mail", "seals", "uptime"},
    {"web"},
    {"taxonomy"},
    {"accounts"},
    {"files"},
    {"certificates"},
    {"offerings"},
    {"attachments", "deliveries", "samples"},
    {"movements"},
    {"profiles"},
    {"bookings"},
    {"shortlists"},
    {"enquiries"},
    {"needs"},
    {"projects", "lookaheads", "teams"},
    {"bids"},
    {"awards"},
    {"matching"},
    {"desk"},
    {"moderation"},
    {"opendata"},
    {"catalogue"},
    {"notifications"},
    {"publishing"},
    {"exchange"},
    {"intake"},
    {"api"},
    {"sources"},
    {"clock", "models", "backups"},
    {"relay", "crier", "watch"},
    {"health", "devmail", "demo_identity", "console", "app", "commands", "cli", "run", "processes", "__main__"},
    {"seeds"},
]
RUNGS = {name: rung for rung, names in enumerate(LADDER) for name in names}
ALLOWED_UPWARD = {
    "market/commands/seed.py -> seeds.identity.introduce",
    "market/commands/seed.py -> seeds.pictures.hang",
    "market/commands/seed.py -> seeds.sealed",
    "market/commands/seed.py -> seeds.plant.firms",
    "market/commands/seed.py -> seeds.plant.plant",
}
"""The command that plants the demo data is the one place below `seeds` that names it."""


def slice_of(dotted: str) -> str | None:
    """`market.needs.views` -> needs, `search.query` -> search; None for other packages."""
    top, _, rest = dotted.partition(".")
    if top in ("search", "seeds"):
        return top
    return rest.partition(".")[0] or None if top == "market" else None


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: absolute imports only"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> Iterator[tuple[Path, str]]:
    for folder in ("market", "search", "seeds"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield path, dotted


def test_every_module_has_a_rung() -> None:
    homeless = [str(path) for path, dotted in modules() if dotted != "market" and slice_of(dotted) not in RUNGS]
    assert not homeless


def test_modules_import_only_downwards() -> None:
    upward = []
    for path, dotted in modules():
        here = slice_of(dotted)
        for name in imports(path):
            there = slice_of(name)
            if here is None or there is None or there not in RUNGS or here == there:
                continue
            line = f"{path.relative_to(ROOT)} -> {name}"
            if RUNGS[there] > RUNGS[here] and line not in ALLOWED_UPWARD:
                upward.append(line)
    assert not upward, "\n".join(upward)


def test_search_knows_nothing_of_the_market() -> None:
    for path, dotted in modules():
        if dotted.startswith("search"):
            assert not [name for name in imports(path) if name.startswith(("market", "seeds"))], path


def test_migrations_never_import_models() -> None:
    for path in (ROOT / "market/migrations/versions").glob("*.py"):
        assert not [name for name in imports(path) if name.startswith("market")], path


def test_nobody_below_the_edge_asks_for_the_time() -> None:
    edges = {"market/values.py", "market/web/endpoint.py", "market/relay.py", "market/app.py", "market/mail/post.py"}
    for path, dotted in modules():
        name = str(path.relative_to(ROOT))
        if name in edges or dotted.startswith(
            ("market.commands", "market.run", "market.health", "market.api", "search")
        ):
            continue
        text = path.read_text()
        assert "utc_now(" not in text, name
        assert "datetime.now(" not in text, name
        assert "date.today(" not in text, name


def test_documents_and_decisions_that_are_named_are_there() -> None:
    decided = set(re.findall(r"^## (\d+)\. ", (ROOT / "docs/decisions.md").read_text(), re.MULTILINE))
    missing = []
    for path in (*ROOT.glob("*.*"), *(one for folder in NAMING for one in (ROOT / folder).rglob("*.*"))):
        if path.suffix not in {".py", ".md", ".html", ".toml", ".js"}:
            continue
        text = path.read_text()
        named = [one for one in re.findall(r"\bdocs/[\w-]+\.(?:md|png)", text) if not (ROOT / one).exists()]
        named += [f"decision {one}" for one in re.findall(r"\bdecisions? (\d+)\b", text) if one not in decided]
        missing += [f"{path.relative_to(ROOT)}: {one}" for one in named]
    assert missing == []
