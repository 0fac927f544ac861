"""The rules of ``check``, from keywords, options or a configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from calaudit.errors import SettingsError
from calaudit.gate.rules import (
    BETTER_LOW,
    Rule,
    nearest,
    number_of,
    parse_automated,
    parse_rule,
    rule_of_value,
)
from calaudit.report.check_report import BETTER_HIGH

RELATIVE = ("max_increase", "max_decrease")

AUTOMATED = "min_automated"

RULES = (
    *(f"max_{m}" for m in BETTER_LOW), *(f"min_{m}" for m in BETTER_HIGH), *RELATIVE, AUTOMATED
)  # fmt: skip
"""Names of rules."""

HOW_TO_START = """\
there is no rule to check. To start:
  1. write a baseline:  calaudit evaluate predictions.parquet -o calaudit-baseline.json
  2. commit it, and in CI:
     calaudit check predictions.parquet --baseline calaudit-baseline.json --max-increase ece=0.01
Rules can also stand alone (--max-ece 0.05), or in calaudit.toml or pyproject.toml"""


def rules_of(
    given: Mapping[str, Any], confidence: Any, *, others: Collection[str] = ()
) -> tuple[Rule, ...]:
    """Return the rules that names and values describe.

    Args:
        given: "max_NAME" and "min_NAME" to a limit, "max_increase" and "max_decrease" to a
            mapping from names to margins (or to a list of texts NAME=MARGIN). None is no rule. In
            place of a number there may be {"margin": …, "confidence": …}.
        confidence: of rules without one of their own.
        others: names that are no rules, but could have been meant.

    Raises:
        SettingsError: a name is unknown, or a rule makes no sense.
    """
    rules: list[Rule] = []
    confidence = number_of(confidence, "rule_confidence")
    for name, value in given.items():
        if value is None:
            continue
        kind, _, metric = name.partition("_")
        if name in RELATIVE:
            rules += _relative(name, value, confidence, name)
        elif name == AUTOMATED:
            rules.append(parse_automated(value, confidence))
        elif kind in ("max", "min") and metric in BETTER_LOW + BETTER_HIGH:
            rules.append(rule_of_value(kind, metric, value, confidence, name))
        else:
            what = "rule or argument" if others else "rule"
            raise SettingsError(f"there is no {what} {name!r}{nearest(name, (*RULES, *others))}")
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        if (rule.kind, rule.metric) in seen:
            raise SettingsError(f"{rule.option}: this rule is given twice")
        seen.add((rule.kind, rule.metric))
    return tuple(rules)


def _relative(kind: str, value: Any, confidence: float, where: str) -> list[Rule]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):
        return [
            rule_of_value(kind, str(metric).replace("-", "_"), limit, confidence, where)
            for metric, limit in value.items()
        ]
    if not isinstance(value, Sequence) or not all(isinstance(text, str) for text in value):
        raise SettingsError(f"{where} maps figures to margins, as in ece=0.01")
    return [parse_rule(kind, text, confidence) for text in value]
