"""Write the table of verdicts into the README, from results/claims.csv."""

from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "README.md"
BEGIN, END = "<!-- verdicts -->", "<!-- end of verdicts -->"
SAID = {"holds": "**holds**", "fails": "fails", "only where": "only where", "undetermined": "undetermined",
        "not testable": "not testable"}


def render() -> str:
    """Return the README with the verdicts of the last trial between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def table() -> str:
    """Return a row per claim: the claim, its verdict, and of its parts what share of the space bears each out, or why
    there is no verdict."""
    found = pd.read_csv(ROOT / "results" / "claims.csv")
    stated = yaml.safe_load((ROOT / "experiments" / "claims" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    lines = ["| | The guide claims | Verdict | Borne out at |", "|---|---|---|---|"]
    for name, rows in found.groupby("claim", sort=False):
        parts = [said(part) for _, part in rows.iterrows()]
        text = " ".join(stated[name]["claim"].split()).removesuffix(".")
        lines.append(f"| {name} | {text} | {SAID[rows['verdict'].iloc[0]]} | {'; '.join(parts)} |")
    return "\n".join(lines)


def said(part: pd.Series) -> str:
    """Return what a part says with its share, or with why there is none; of a claim without parts why it has none."""
    if pd.isna(part["says"]):
        return str(part["why"])
    if pd.notna(part["why"]):
        return f"{part['says']}: {part['why']}"
    return f"{part['says']} {100 * part['share']:.0f} %"
