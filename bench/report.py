"""What came of the benchmarks: tables for a terminal and for README.md, results.json, and a picture."""

import os
import platform
import re
from pathlib import Path
from statistics import median

import msgspec

FOLDER = Path(__file__).parent


class Bar(msgspec.Struct, frozen=True):
    """A bar of the picture: what was measured, and the most that it may be."""

    name: str
    value: float
    goal: float | None = None


class Result(msgspec.Struct, frozen=True):
    """What one command has found."""

    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = []
    bars: list[Bar] = []
    """What the picture shows of it, if anything."""

    def table(self) -> str:
        """Return it in Markdown, in columns that a terminal shows too."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.columns))]
        told = [
            "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        told.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join([*told, *(f"\n{note}" for note in self.notes)])


def spread(values: list[float], digits: int = 0, unit: str = "") -> str:
    """Return the median of repeated measurements, with the least and the most of them."""
    told = f"{median(values):,.{digits}f}{unit}"
    return told if len(values) == 1 else f"{told} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def machine() -> str:
    """Return what the figures depend on: the processor, its cores, and Python."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    name = model[1] if model else platform.machine()
    return f"{len(os.sched_getaffinity(0))} cores of {name}, {platform.python_implementation()} {platform.python_version()}"


def write(found: dict[str, Result], computer: str) -> None:
    """Put the results into results.json, README.md and ratios.svg; what was not measured now stays as it is."""
    file = FOLDER / "results.json"
    kept = msgspec.json.decode(file.read_bytes(), type=dict[str, Result]) if file.exists() else {}
    kept |= found
    file.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    page = FOLDER / "README.md"
    text = page.read_text(encoding="utf-8")
    for name, told in {
        "machine": f"Measured on {computer}.",
        **{name: each.table() for name, each in kept.items()},
    }.items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, _, after = text.partition(begin)
        text = before + begin + f"\n{told}\n\n" + end + after.partition(end)[2]
    page.write_text(text, encoding="utf-8")
    (FOLDER / "ratios.svg").write_text(picture([bar for each in kept.values() for bar in each.bars]), encoding="utf-8")


def picture(bars: list[Bar]) -> str:
    """Return the bars as an SVG, each with a mark for its goal."""
    longest = max([bar.value for bar in bars] + [bar.goal or 0 for bar in bars], default=1) * 1.1
    left, width, step = 190, 470, 28
    height = step * len(bars) + 50
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" role="img" font-family="sans-serif" font-size="13">',
        "<title>Processor time of one request, as a multiple of the floor's</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        '<text x="10" y="20" font-weight="bold">Processor time of one request ÷ the floor\'s; the mark is the goal</text>',
    ]
    for at, bar in enumerate(bars):
        y = 36 + at * step
        long = width * bar.value / longest
        colour = "#2b6cb0" if bar.goal is None or bar.value <= bar.goal else "#c05621"
        lines += [
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{bar.name}</text>',
            f'<rect x="{left}" y="{y}" width="{long:.0f}" height="20" fill="{colour}"/>',
            f'<text x="{left + long + 6:.0f}" y="{y + 15}">{bar.value:.2f}</text>',
        ]
        if bar.goal is not None:
            x = left + width * bar.goal / longest
            lines.append(f'<path d="M{x:.0f} {y - 3}v26" stroke="#111" stroke-width="2"/>')
    return "\n".join([*lines, "</svg>", ""])
