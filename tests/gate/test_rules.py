"""How rules are written, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

import calaudit
from calaudit.errors import SettingsError
from calaudit.gate.rules import BETTER_LOW, OF_FORECASTS, Rule, parse_rule, rule_of_value
from calaudit.report.check_report import BETTER_HIGH


@pytest.mark.parametrize("metric", [*BETTER_LOW, *BETTER_HIGH])
def test_a_percentage_written_as_a_number_is_refused(metric: str) -> None:
    """A limit of 3 on what lies between 0 and 1 would always pass, and is no 3 %."""
    kind = "max" if metric in BETTER_LOW else "min"
    rule = Rule(kind=kind, metric=metric, limit=3)
    if metric in ("log_loss", "recoverable_log_loss", "brier", *OF_FORECASTS[1:]):
        assert rule.check() is rule
    else:
        with pytest.raises(SettingsError, match=r"between 0 and 1, .* 3 % is 0.03"):
            rule.check()


@pytest.mark.parametrize(
    ("text", "metric", "limit", "confidence"),
    [
        ("ece=0.01", "ece", 0.01, 0.9),
        (" Log-Loss = 2e-3 ", "log_loss", 0.002, 0.9),
        ("brier=0", "brier", 0.0, 0.9),
        ("smece=.02@0.99", "smece", 0.02, 0.99),
    ],
)
def test_written(text: str, metric: str, limit: float, confidence: float) -> None:
    """NAME=MARGIN, with a hyphen or not, in any case, and @CONFIDENCE for its own."""
    rule = parse_rule("max_increase", text, 0.9)
    assert (rule.metric, rule.limit, rule.confidence) == (metric, limit, confidence)
    assert rule.relative
    assert rule.worse_is_more


@pytest.mark.parametrize("metric", BETTER_LOW + BETTER_HIGH)
def test_option(metric: str) -> None:
    """A rule is shown as it is written, and can be read again."""
    kind = "max_increase" if metric in BETTER_LOW else "max_decrease"
    rule = Rule(kind=kind, metric=metric, limit=0.0123456789).check()
    option, text = rule.option.split(" ")
    assert option == f"--{kind.replace('_', '-')}"
    assert parse_rule(kind, text) == rule
    absolute = Rule(kind=kind[:3] if metric in BETTER_LOW else "min", metric=metric, limit=0.5)
    name = f"--{absolute.kind}-{metric.replace('_', '-')} 0.5"
    spoken = ("ece", "smece", "log_loss", "brier", "accuracy", "auroc", "coverage")
    if metric not in (*spoken, "interval_score"):
        name = f"{absolute.kind}_{metric} = 0.5"  # it stands in configurations only
    assert absolute.check().option == name
    assert not absolute.relative


def test_every_figure_has_a_rule() -> None:
    """Every figure of a report of which less or more is better can be ruled on."""
    y, p = [0, 1] * 30, [0.2, 0.7] * 30
    reports = [
        calaudit.evaluate(y, p),
        calaudit.evaluate(["a", "b", "c"] * 20, [[0.6, 0.2, 0.2]] * 60, classes=["a", "b", "c"]),
    ]
    known = {name for report in reports for name in report.metrics}
    neither = {
        "n", "noise_floor", "mean_confidence", "mean_score", "base_rate", "cox_slope",
        "cox_intercept", "cox_test", "spiegelhalter_z", "hosmer_lemeshow", "corp_mcb",
        "corp_dsc", "corp_unc", "observed_expected", "e50", "e90", "emax",
    }  # fmt: skip
    assert known - neither == (set(BETTER_LOW) | set(BETTER_HIGH)) - set(OF_FORECASTS)


REFUSED = [
    ("max_increase", "ecee=0.01", r"no figure 'ecee' .*did you mean ece\?"),
    ("max_increase", "zebra=0.01", r"no figure 'zebra' to rule on\. Those known are ece, "),
    ("max_increase", "auroc=0.01", r"of auroc more is better; write --max-decrease auroc=0.01"),
    ("max_decrease", "ece=0.01", r"of ece less is better; write --max-increase ece=0.01"),
    ("max_increase", "ece=-0.01", r"the limit is a number of 0 or more"),
    ("max_increase", "ece=nan", r"the limit is a number of 0 or more"),
    ("max_increase", "ece=inf", r"the limit is a number of 0 or more"),
    ("max_increase", "ece=much", r"'much' is not a number"),
    ("max_increase", "ece", r"is written NAME=MARGIN, such as ece=0.01, not 'ece'"),
    ("max_increase", "=0.01", r"is written NAME=MARGIN"),
    ("max_increase", "ece=", r"is written NAME=MARGIN"),
    ("max_increase", "ece=0.01@", r"is written NAME=MARGIN"),
    ("max_increase", "ece=0.01@x", r"'x' is not a number"),
    ("max_increase", "ece=0.01@0.3", r"the confidence is 0.5 to 0.999, not 0.3"),
    ("max_increase", "ece=0.01@1", r"the confidence is 0.5 to 0.999, not 1"),
    ("max_increase", "ece=0.01@nan", r"the confidence is 0.5 to 0.999, not nan"),
]


@pytest.mark.parametrize(("kind", "text", "said"), REFUSED)
def test_refused(kind: str, text: str, said: str) -> None:
    """What makes no sense is refused with the option, and with what would make sense."""
    with pytest.raises(SettingsError, match=rf"^--{kind.replace('_', '-')}.*{said}"):
        parse_rule(kind, text)


@pytest.mark.parametrize(
    ("kind", "metric", "fixed"),
    [("max", "auroc", "--min-auroc 0.3"), ("min", "log_loss", "--max-log-loss 0.3")],
)
def test_absolute_the_wrong_way(kind: str, metric: str, fixed: str) -> None:
    """A largest accuracy or a smallest loss is refused with the rule that was meant."""
    with pytest.raises(SettingsError, match=rf"write {fixed}$"):
        Rule(kind=kind, metric=metric, limit=0.3).check()


@pytest.mark.parametrize(
    ("value", "limit", "confidence"),
    [
        (0.02, 0.02, 0.9),
        (1, 1.0, 0.9),
        ({"margin": 0.02}, 0.02, 0.9),
        ({"limit": 0.02, "confidence": 0.99}, 0.02, 0.99),
    ],
)
def test_of_a_configuration(value: Any, limit: float, confidence: float) -> None:
    """A value is a number, or a table with a margin (or limit) and a confidence."""
    rule = rule_of_value("max_increase", "ece", value, 0.9, "x.toml")
    assert (rule.limit, rule.confidence) == (limit, confidence)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "True is not a number"),
        (None, "None is not a number"),
        ([0.1], r"\[0.1\] is not a number"),
        ({}, "a rule is a number, or a table"),
        ({"confidence": 0.9}, "a rule is a number, or a table"),
        ({"limit": 0.1, "margin": 0.1}, "a rule is a number, or a table"),
        ({"limit": 0.1, "confidance": 0.9}, "not 'confidance'"),
        ({"limit": 0.1, "confidence": "high"}, "'high' is not a number"),
    ],
)
def test_no_rule_of_a_configuration(value: Any, said: str) -> None:
    """Anything else is refused with where it stands."""
    with pytest.raises(SettingsError, match=rf"^x.toml: .*{said}"):
        rule_of_value("max_increase", "ece", value, 0.9, "x.toml")
