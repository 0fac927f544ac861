"""The report as JSON, back, and against its schema."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from calaudit.errors import InputError
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import CHECK_SCHEMA, CheckReport
from calaudit.report.evaluation_report import SCHEMA, Report
from calaudit.report.kinds import KINDS
from calaudit.report.render_html import render_html
from calaudit.report.render_json import LONG, render_json, report_from_json
from calaudit.report.rendered import Rendered
from calaudit.report.report_schemas import schema_text
from calaudit.report.threshold_report import DECISION_SCHEMA, DecisionReport
from tests.report.checks import CHECKS, matched, regression
from tests.report.decisions import DECISIONS, fraud, matrix
from tests.report.examples import EXAMPLES, multiclass

ALL: dict[str, Callable[[], Rendered]] = {**EXAMPLES, **DECISIONS, **CHECKS}

ORDER = {
    SCHEMA: (
        "schema", "calaudit", "inputs", "roles", "settings", "task", "scale", "classes", "intake",
        "verdict", "metrics", "bins", "curve", "confidently_wrong", "worst", "slices", "notes",
        "table", "decision_curve", "histogram", "by_class", "groups", "grades",
    ),
    DECISION_SCHEMA: (
        "schema", "calaudit", "inputs", "roles", "settings", "task", "scale", "classes", "intake",
        "sentence", "unit", "volume", "volume_of", "method", "options", "plateaus", "sensitivity",
        "guarantees", "cost_curve", "aurc", "risk_coverage", "slices", "by_class", "matrix",
        "notes", "lead", "groups",
    ),
    CHECK_SCHEMA: (
        "schema", "calaudit", "status", "sentence", "inputs", "roles", "settings", "task",
        "intake", "baseline", "baseline_rows", "rows", "results", "compared", "pairing", "notes",
        "name", "lead", "groups", "baseline_groups",
    ),
}  # fmt: skip


def validator_of(schema: str) -> Any:
    """Return a validator of the shipped schema of this name."""
    document = json.loads(schema_text(KINDS[schema].name))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


@pytest.mark.parametrize("name", ALL)
def test_every_example_is_valid(name: str) -> None:
    """What is written is what the schema promises."""
    report = ALL[name]()
    validator_of(report.schema).validate(json.loads(render_json(report)))


@pytest.mark.parametrize("name", ALL)
def test_round_trip(name: str) -> None:
    """Reading what was written gives an equal report, to the last digit and byte."""
    report = ALL[name]()
    assert report_from_json(report.to_json()) == report
    assert report_from_json(report.to_dict()) == report
    assert report_from_json(report.to_json()).to_json() == report.to_json()


def test_reports_from_before_there_were_histograms() -> None:
    """A report of the first version, without the newer fields, is read, and they are empty."""
    report = EXAMPLES["sliced"]()
    document = json.loads(report.to_json())
    del document["histogram"], document["by_class"], document["decision_curve"]
    for each in document["slices"]:
        del each["bins"]
    validator_of(report.schema).validate(document)
    slices = tuple(replace(each, bins=()) for each in report.slices)
    assert report.histogram
    assert any(each.bins for each in report.slices)
    assert report_from_json(document) == replace(report, histogram=(), by_class=(), slices=slices)


def test_the_smoothed_curve_of_the_first_version_is_dropped() -> None:
    """A report that 0.1.0 saved is read, and its curve, which was another, is not drawn."""
    report = EXAMPLES["binary_calibrated"]()
    document = json.loads(report.to_json())
    assert document["curve"]
    document["curve"] = [{"score": i / 100, "observed": 0.5, "density": 1.0} for i in range(101)]
    found = report_from_json(document)
    assert found == replace(report, curve=())
    validator_of(report.schema).validate(json.loads(found.to_json()))
    assert "isotonic curve" not in render_html(found)
    assert "isotonic curve" in render_html(report)


def test_text_is_deterministic_and_ascii() -> None:
    """Equal reports are equal bytes, in any locale."""
    assert render_json(multiclass()) == render_json(multiclass())
    assert render_json(EXAMPLES["sliced"]()).isascii()


@pytest.mark.parametrize(
    "report", [multiclass(), fraud(), matched()], ids=["report", "thresholds", "check"]
)
def test_every_field_has_its_place(report: Report | DecisionReport | CheckReport) -> None:
    """Keys come in the order that is documented, and no field can be forgotten."""
    assert set(ORDER[report.schema]) == {field.name for field in fields(report)}
    left_out = {"groups", "baseline_groups", "grades"}  # where rows are independent, without grades
    written = [name for name in ORDER[report.schema] if name not in left_out]
    assert list(json.loads(render_json(report))) == written


def test_one_item_a_line() -> None:
    """A change of one figure is a change of one line, and only the table makes a long one."""
    report = fraud()
    best = report.options[0]
    rates = {**best.rates, "recall": Estimate(value=0.5)}
    changed = replace(report, options=(replace(best, rates=rates), *report.options[1:]))
    before, after = (render_json(each).splitlines() for each in (report, changed))
    differing = [b for a, b in zip(before, after, strict=True) if a != b]
    assert [line.strip()[:8] for line in differing] == ['"recall"']
    lines = render_json(matrix()).splitlines() + render_json(multiclass()).splitlines()
    assert [line for line in lines if len(line) > LONG + 40 and '"table"' not in line] == []


def test_whole_floats_stay_floats() -> None:
    """A float that is whole is written and read as a float."""
    report = replace(fraud(), volume=10_000.0)
    assert '"volume": 10000.0,' in render_json(report)
    assert isinstance(report_from_json(report.to_json(), DecisionReport).volume, float)


def test_estimates_have_five_keys_always_and_others_when_they_say_something() -> None:
    """Readers may rely on value, low, high, level and method."""
    metrics = multiclass().to_dict()["metrics"]
    assert list(metrics["corp_dsc"]) == ["value", "low", "high", "level", "method"]
    assert "noise_floor" in metrics["ece"]
    assert all(v is not None for m in metrics.values() for k, v in list(m.items())[5:])


def test_full_precision() -> None:
    """A figure comes back as the same float64."""
    value = math.nextafter(0.1, 1)
    report = replace(multiclass(), metrics={"ece": Estimate(value=value)})
    assert report_from_json(report.to_json(), Report).metrics["ece"].value == value


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_nan_is_ever_written(bad: float) -> None:
    """A figure that is not finite is a fault, and the message says which."""
    report = replace(multiclass(), metrics={"ece": Estimate(value=bad)})
    with pytest.raises(ValueError, match=r"report\.metrics\.ece\.value"):
        render_json(report)


def test_no_nan_in_an_option() -> None:
    """A figure deep inside of a list is found as well."""
    best = replace(fraud().options[0], cost=Estimate(value=math.inf))
    with pytest.raises(ValueError, match=r"report\.options\.0\.cost\.value is inf"):
        render_json(replace(fraud(), options=(best,)))


def test_no_nan_hides_in_the_table() -> None:
    """The table is looked at as well."""
    with pytest.raises(ValueError, match=r"report\.table\.cells"):
        render_json(replace(multiclass(), table={"cells": [[1.0, math.nan]]}))


def test_numpy_values_are_written_as_numbers() -> None:
    """Scalars and arrays of numpy become plain numbers."""
    table = {"cells": np.arange(3), "k": np.int64(52), "exact": np.bool_(True)}
    value: Any = np.float32(0.5)
    report = replace(multiclass(), table=table, metrics={"ece": Estimate(value=value)})
    found = json.loads(render_json(report))
    assert found["table"] == {"cells": [0, 1, 2], "k": 52, "exact": True}
    assert found["metrics"]["ece"]["value"] == 0.5


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("not json", "not JSON"),
        ("[]", "its \"schema\" is not"),
        ("{}", "its \"schema\" is not"),
        ('{"schema": "calaudit.report/2"}', "calaudit.report/2"),
        ('{"schema": ["calaudit.report/1"]}', "its \"schema\" is not"),
        ('{"schema": "calaudit.thresholds/9"}', "calaudit.thresholds/9"),
        ('{"schema": "calaudit.check/9"}', "calaudit.check/9"),
        ('{"schema": "calaudit.report/1"}', r"report\.calaudit is missing"),
        ('{"schema": "calaudit.thresholds/1"}', r"report\.calaudit is missing"),
    ],
)  # fmt: skip
def test_other_documents_are_refused(source: str, match: str) -> None:
    """What is no report of this version is refused with a sentence."""
    with pytest.raises(InputError, match=match):
        report_from_json(source)


def test_the_kind_that_is_wanted_is_checked() -> None:
    """Where one kind of report is needed, the other is refused by its name."""
    assert report_from_json(fraud().to_json(), DecisionReport) == fraud()
    with pytest.raises(InputError, match=r'"calaudit\.thresholds/1", not "calaudit\.report/1"'):
        report_from_json(fraud().to_json(), Report)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"bins": {}}, r"report\.bins should be an array"),
        ({"metrics": {"ece": {"value": "0.1"}}}, r"metrics\.ece\.value should be a finite number"),
        ({"metrics": {"ece": {"value": 10**400}}}, r"ece\.value should be a finite number"),
        ({"metrics": {"ece": {"value": True}}}, r"metrics\.ece\.value should be a finite number"),
        ({"task": 3}, r"report\.task should be a string"),
        ({"intake": {"rows_read": 1.5, "rows_used": 1}}, r"rows_read should be a whole number"),
        ({"intake": None}, r"report\.intake should be an object"),
    ],
)
def test_damaged_reports_are_refused(change: dict[str, Any], match: str) -> None:
    """A wrong type is found, and the message says where."""
    with pytest.raises(InputError, match=match):
        report_from_json({**multiclass().to_dict(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "calaudit.report/2"},
        {"extra": 1},
        {"task": "regression"},
        {"metrics": {"ece": {"value": 0.1}}},
        {"classes": [1, 2]},
        {"bins": [{"lower": 0}]},
        {"notes": [{"code": "a", "text": "b", "advice": None}]},
    ],
)
def test_the_schema_is_strict(change: dict[str, Any]) -> None:
    """Anything that this version does not write is invalid."""
    document = {**multiclass().to_dict(), **change}
    with pytest.raises(jsonschema.ValidationError):
        validator_of(SCHEMA).validate(document)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "calaudit.thresholds/2"},
        {"extra": 1},
        {"unit": "percent"},
        {"options": [{"name": "recommended"}]},
        {"options": [{**fraud().to_dict()["options"][0], "rates": {"lift": {"value": 1}}}]},
        {"plateaus": [{"cutoff": "review_to", "low": 0, "high": 1}]},
        {"guarantees": [{"limit": "max_error", "value": 2, "confidence": 0.95}]},
        {"matrix": {}},
        {"volume": -1},
    ],
)
def test_the_schema_of_decisions_is_strict(change: dict[str, Any]) -> None:
    """Anything that this version does not write is invalid."""
    document = {**fraud().to_dict(), **change}
    with pytest.raises(jsonschema.ValidationError):
        validator_of(DECISION_SCHEMA).validate(document)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "calaudit.check/2"},
        {"extra": 1},
        {"status": "SKIPPED"},
        {"results": [{**regression().to_dict()["results"][0], "status": "OK"}]},
        {"results": [{"rule": "--max-ece 0.1"}]},
        {"compared": [{"metric": "ece", "before": {"value": 0.1}, "after": {"value": 0.1}}]},
        {"pairing": {"column": "id", "matched": -1}},
        {"baseline": 3},
        {"rows": 1.5},
    ],
)
def test_the_schema_of_checks_is_strict(change: dict[str, Any]) -> None:
    """Anything that this version does not write is invalid."""
    document = {**regression().to_dict(), **change}
    with pytest.raises(jsonschema.ValidationError):
        validator_of(CHECK_SCHEMA).validate(document)


def test_every_kind_has_a_schema_of_its_version() -> None:
    """The schemas that are shipped are those of the reports that are written."""
    for kind in KINDS.values():
        assert json.loads(schema_text(kind.name))["properties"]["schema"]["const"] == kind.schema


@pytest.mark.parametrize("kind", ["thresholds", "check"])
def test_the_schemas_agree_on_what_the_kinds_share(kind: str) -> None:
    """An estimate, an input, a role, the intake and a finding are the same in all files."""
    one, other = (json.loads(schema_text(each))["$defs"] for each in ("report", kind))
    shared = one.keys() & other.keys()
    assert shared - {"Groups"} == {
        "Estimate", "InputFile", "RoleResult", "IntakeResult", "Finding"
    }  # fmt: skip
    assert {name: one[name] for name in shared} == {name: other[name] for name in shared}


def test_the_schema_of_an_audit_holds_those_it_refers_to() -> None:
    """It is one text with the schemas of its parts in it."""
    found = json.loads(schema_text("audit"))["$defs"]
    for kind, name in (("report", "Report"), ("thresholds", "DecisionReport")):
        alone = json.loads(schema_text(kind))
        assert found[name] == {key: alone[key] for key in found[name]}
        assert alone["$defs"].items() <= found.items()


def test_frame_has_a_row_for_each_metric() -> None:
    """A pandas frame holds the same figures; what is missing is NaN."""
    frame = multiclass().to_frame()
    assert list(frame.index) == [*multiclass().metrics, "gap", "p_value"]
    assert frame.loc["ece", "noise_floor"] == 0.0062
    assert math.isnan(frame.loc["corp_dsc", "low"])
    assert frame.loc["hosmer_lemeshow", "df"] == 13
