"""The report as JSON, back, and against its schema."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from calaudit.errors import InputError
from calaudit.metrics.estimate import Estimate
from calaudit.report.model import SCHEMA, Report
from calaudit.report.render_json import ORDER, render_json, report_from_json
from calaudit.report.schema import schema_text
from tests.report.examples import EXAMPLES, multiclass


@pytest.fixture
def validator() -> Any:
    """Return a validator of the shipped schema."""
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_valid(name: str, validator: Any) -> None:
    """What is written is what the schema promises."""
    validator.validate(json.loads(render_json(EXAMPLES[name]())))


@pytest.mark.parametrize("name", EXAMPLES)
def test_round_trip(name: str) -> None:
    """Reading what was written gives an equal report, to the last digit."""
    report = EXAMPLES[name]()
    assert report_from_json(report.to_json()) == report
    assert report_from_json(report.to_dict()) == report


def test_text_is_deterministic_and_ascii() -> None:
    """Equal reports are equal bytes, in any locale."""
    assert render_json(multiclass()) == render_json(multiclass())
    assert render_json(EXAMPLES["sliced"]()).isascii()


def test_every_field_has_its_place() -> None:
    """A field that is added to the report cannot be forgotten in the JSON."""
    assert set(ORDER) == {field.name for field in fields(Report)}
    assert list(json.loads(render_json(multiclass()))) == list(ORDER)


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
    assert report_from_json(report.to_json()).metrics["ece"].value == value


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_nan_is_ever_written(bad: float) -> None:
    """A figure that is not finite is a fault, and the message says which."""
    report = replace(multiclass(), metrics={"ece": Estimate(value=bad)})
    with pytest.raises(ValueError, match=r"report\.metrics\.ece\.value"):
        render_json(report)


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
        ('{"schema": "calaudit.report/1"}', r"report\.calaudit is missing"),
    ],
)  # fmt: skip
def test_other_documents_are_refused(source: str, match: str) -> None:
    """What is no report of this version is refused with a sentence."""
    with pytest.raises(InputError, match=match):
        report_from_json(source)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"bins": {}}, r"report\.bins should be an array"),
        ({"metrics": {"ece": {"value": "0.1"}}}, r"metrics\.ece\.value should be a finite number"),
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
def test_the_schema_is_strict(change: dict[str, Any], validator: Any) -> None:
    """Anything that this version does not write is invalid."""
    document = {**multiclass().to_dict(), **change}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


def test_the_schema_names_its_version() -> None:
    """The schema that is shipped is that of the reports that are written."""
    assert json.loads(schema_text())["properties"]["schema"]["const"] == SCHEMA


def test_frame_has_a_row_for_each_metric() -> None:
    """A pandas frame holds the same figures; what is missing is NaN."""
    frame = multiclass().to_frame()
    assert list(frame.index) == list(multiclass().metrics)
    assert frame.loc["ece", "noise_floor"] == 0.0062
    assert math.isnan(frame.loc["corp_dsc", "low"])
    assert frame.loc["hosmer_lemeshow", "df"] == 13
