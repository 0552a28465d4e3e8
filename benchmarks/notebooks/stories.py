"""What `gradbugs story` prints of each notebook, kept for the documentation.

    python -m benchmarks.notebooks.stories [--story NAME ...] [--again] [--docs]

On the digits that come with the package, by seed 0. What is in the JSON isn't trained again,
unless asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.story import Mend, measure
from reference_mlp.digits import SUBSET, load_digits

RESULTS = Path(__file__).parent / "results" / "stories.json"
DOCS = Path(__file__).parents[2] / "docs" / "notebooks-mended.md"
COLUMNS = ("", "what is mended", "at first", "loss", "accuracy", "classes", "what it shows")


def begin(name: str) -> str:
    return f"<!-- story of {name} -->"


def end(name: str) -> str:
    return f"<!-- end of the story of {name} -->"


def markdown(name: str, figures: list[dict[str, float]]) -> str:
    """Return the table of a story."""
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for step, found in zip(STORIES[name].steps, figures, strict=True):
        mended = "; ".join(map(_linked, step.mends)) or "as written"
        rows.append(
            (
                "?" if step.alone else "+" if step.mends else "",
                mended + (" (= `gradbugs train`)" if step.recipe else ""),
                f"{found['first_loss']:.3f}",
                f"{found['loss']:.3f}".replace("nan", "NaN"),
                f"{found['accuracy']:.4f}",
                str(round(found["classes"])),
                step.shows,
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _linked(mend: Mend) -> str:
    links = [f"[{entry}](generated/{entry.lower()}.md)" for entry in mend.entries]
    places = ([mend.place] if mend.lines else []) + links
    return f"{mend.what} ({', '.join(places)})" if places else mend.what


def write_docs(results: dict[str, list[dict[str, float]]]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, figures in results.items():
        before, _, rest = text.partition(begin(name))
        after = rest.partition(end(name))[2]
        text = f"{before}{begin(name)}\n\n{markdown(name, figures)}\n\n{end(name)}{after}"
    DOCS.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks.stories")
    parser.add_argument("--story", nargs="*", choices=STORIES, default=list(STORIES))
    parser.add_argument("--again", action="store_true", help="train also what is there")
    parser.add_argument("--docs", action="store_true", help="write the tables into the docs")
    args = parser.parse_args()
    digits = load_digits(SUBSET, dtype="float64")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in args.story:
        if args.again or name not in results:
            steps = range(len(STORIES[name].steps))
            results[name] = [measure(STORIES[name], i, digits)[-1]._asdict() for i in steps]
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        sys.stdout.write(f"{name}\n{markdown(name, results[name])}\n\n")
    if args.docs:
        write_docs({name: results[name] for name in STORIES if name in results})


if __name__ == "__main__":
    main()
