"""What is not right, or cannot be shown to be, is not handed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.certificate import Certificate
from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from calaudit.calibrators.export.description import described
from calaudit.calibrators.histogram_binning import Histogram
from calaudit.calibrators.isotonic import Isotonic
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.temperature import MulticlassTemperature
from calaudit.errors import SettingsError
from calaudit.metrics.logistic import expit
from tests.calibrators_export.examples import EVERY


def broken(monkeypatch: pytest.MonkeyPatch, name: str, **changes: Any) -> None:
    """Change a target for one test."""
    monkeypatch.setitem(TARGETS, name, replace(TARGETS[name], **changes))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("z / 2.9500001", "z / 2.95"), ("z / -2.95", "z / 2.95"), ("math.nan", "z / 2.95")],
)
def test_a_wrong_artefact_is_refused(monkeypatch, wrong: str, right: str) -> None:
    """An artefact that differs in the eighth digit, or gives NaN, is an error."""
    render = TARGETS["python"].render

    def altered(*arguments: Any) -> str:
        return str(render(*arguments)).replace(right, wrong)

    broken(monkeypatch, "python", render=altered)
    with pytest.raises(SettingsError, match=r"differs from the calibrator by .* nothing was"):
        export_calibrator(EVERY["temperature-logit"], "python")


def test_a_difference_in_the_tail_alone_is_refused(monkeypatch) -> None:
    """A function that is right everywhere but at exactly 1 does not pass."""
    render = TARGETS["python"].render
    check = "    if not 0.0 <= p <= 1.0:"

    def altered(*arguments: Any) -> str:
        return str(render(*arguments)).replace(check, f"    if p == 1.0: return 0.5\n{check}")

    broken(monkeypatch, "python", render=altered)
    with pytest.raises(SettingsError, match=r"at the score 1\."):
        export_calibrator(EVERY["platt-probability"], "python")


@pytest.mark.parametrize("sample", [(0.3, 0.123456789), ((0.1, 0.2, 0.7), (0.3, 0.123, 0.577))])
def test_a_difference_on_a_fit_row_alone_is_refused(monkeypatch, sample: Any) -> None:
    """What is right on every probe is still tried on the fit rows that the calibrator holds."""
    case = EVERY["platt-probability"]
    if isinstance(sample[0], tuple):
        names = ("a", "b", "c")
        case = Calibrator(MulticlassTemperature(2.0), "multiclass", "probability", names)
    held = replace(case, certificate=Certificate(sample=sample))
    runtime = TARGETS["numpy"].runtimes()[0]

    def wrong_there(content: Any, calibrator: Calibrator, options: Options, probes: Any) -> Any:
        answers = runtime.run(content, calibrator, options, probes)
        at = (probes == np.array(sample[1])).reshape(len(probes), -1).all(axis=1)
        answers[at] += 1e-9
        return answers

    broken(monkeypatch, "numpy", runtimes=lambda: (replace(runtime, run=wrong_there),))
    assert export_calibrator(case, "numpy").fit_rows == 0
    with pytest.raises(SettingsError, match="differs from the calibrator by 1e-09"):
        export_calibrator(held, "numpy")


def test_an_answer_of_another_shape_is_refused(monkeypatch) -> None:
    """One number for several rows is no answer, although numpy would spread it."""
    runtime = TARGETS["numpy"].runtimes()[0]
    scalar = replace(runtime, run=lambda *_: np.zeros(1))
    broken(monkeypatch, "numpy", runtimes=lambda: (scalar,))
    with pytest.raises(SettingsError, match="answers"):
        export_calibrator(EVERY["platt-logit"], "numpy")


def test_a_bin_that_rounding_picks_is_no_difference(monkeypatch) -> None:
    """Where σ(z) falls from one logit to the next, an edge between them is exported all the same.

    An edge that is wrong by more than that rounding is still refused.
    """
    z = np.sort(np.random.default_rng(0).normal(0.0, 3.0, 20_000))
    after = np.nextafter(z, np.inf)
    falls = np.flatnonzero(expit(z) > expit(after))
    if not len(falls):
        pytest.skip("here σ(z) rises everywhere")
    for at in falls[:20]:
        edges = np.array([0.0, expit(after[[at]])[0], 1.0])
        fitted = Histogram(edges, np.array([0.2, 0.8]))
        calibrator = Calibrator(fitted, "binary", "logit", ("0", "1"))
        rows = np.array([z[at], after[at]])
        assert np.diff(calibrator.apply(rows)) < 0
        assert export_calibrator(calibrator, "python", rows=rows).differences
    (edge,) = described(calibrator).tables[0].parts[1].value.tolist()
    render = TARGETS["python"].render

    def altered(*arguments: Any) -> str:
        return str(render(*arguments)).replace(repr(edge), repr(edge + 1e-9))

    broken(monkeypatch, "python", render=altered)
    with pytest.raises(SettingsError, match=r"differs from the calibrator by 0\.6"):
        export_calibrator(calibrator, "python", rows=np.array([edge + 5e-10]))


@pytest.mark.parametrize("name", ["sql", "javascript", "torch"])
def test_without_a_runtime_it_is_refused(monkeypatch, name: str) -> None:
    """Where nothing can run the artefact, only --unverified gives it, and it says so."""
    broken(monkeypatch, name, runtimes=lambda: ())
    with pytest.raises(SettingsError, match=r"cannot be checked.*--unverified"):
        export_calibrator(EVERY["platt-logit"], name)
    made = export_calibrator(EVERY["platt-logit"], name, unverified=True)
    assert made.differences == {}
    assert made.unverified
    assert "UNVERIFIED: nothing has run this" in str(made.content)
    assert "Checked" not in str(made.content)


def test_a_checked_artefact_says_by_what() -> None:
    """The head of an artefact names what has run it."""
    made = export_calibrator(EVERY["platt-logit"], "numpy", version="9.9")
    head = str(made.content).splitlines()[:3]
    assert head[0] == "# calaudit 9.9: platt calibration, binary, of logits."
    assert (
        head[2] == f"# Checked when exported: within 1e-12 of calaudit in numpy {np.__version__}."
    )


@pytest.mark.parametrize("case", ["platt-logit", "isotonic-probability", "matrix-logit"])
def test_only_a_temperature_is_a_value(case: str) -> None:
    """Other methods are refused with the parameters that they have."""
    with pytest.raises(SettingsError, match=r"only a temperature is one value; .* has "):
        export_calibrator(EVERY[case], "value")


def test_sql_that_would_be_too_long() -> None:
    """A thousand classes, or a hundred thousand knots, are no expression; the reason is given."""
    many = tuple(map(str, range(1000)))
    wide = Calibrator(MulticlassTemperature(2.0), "multiclass", "logit", many)
    with pytest.raises(SettingsError, match=r"million characters.*every class needs the sum"):
        export_calibrator(wide, "sql")
    few = tuple(map(str, range(40)))
    matrix = Calibrator(Matrix(np.eye(40), np.zeros(40)), "multiclass", "logit", few)
    with pytest.raises(SettingsError, match="million characters"):
        export_calibrator(matrix, "sql")
    knots = np.linspace(0, 1, 20_000)
    steps = Calibrator(Isotonic(knots, knots**2), "binary", "probability", ("0", "1"))
    with pytest.raises(SettingsError, match="20,000 knots"):
        export_calibrator(steps, "sql")


@pytest.mark.parametrize("columns", [("a",), ("a", "b", "c", "d", "e", "f")])
def test_sql_columns_are_counted(columns: tuple[str, ...]) -> None:
    """Another number of columns than classes is refused with both."""
    with pytest.raises(SettingsError, match=f"takes 5 columns, but {len(columns)} were named"):
        export_calibrator(EVERY["vector-logit"], "sql", options=Options(columns=columns))


def test_sql_columns_may_be_called_anything() -> None:
    """A name with quotes and semicolons is a name, in the databases that run it."""
    name = 'p"; DROP TABLE x; --'
    made = export_calibrator(EVERY["platt-probability"], "sql", options=Options(columns=(name,)))
    assert '"p""; DROP TABLE x; --"' in str(made.content)
    assert made.differences


def test_unknown_target() -> None:
    """A target that is not known is refused with those that are."""
    with pytest.raises(SettingsError, match="targets are value, python"):
        export_calibrator(EVERY["platt-logit"], "cobol")


def test_a_thousand_classes_are_exported() -> None:
    """The other targets take a thousand classes, checked on fewer rows."""
    many = tuple(map(str, range(1000)))
    wide = Calibrator(MulticlassTemperature(2.0), "multiclass", "logit", many)
    made = export_calibrator(wide, "numpy")
    assert max(made.differences.values()) <= 1e-12
    assert made.probes * 1000 <= 800_000


STEP = Calibrator(
    Histogram(np.array([0.0, 0.7, 1.0]), np.array([0.2, 0.4])), "binary", "probability", ("0", "1")
)


def test_steps_are_not_exported_to_float32() -> None:
    """0.7 as float32 lies below 0.7: the export is float64 unless asked, and then is refused.

    The first float32 below 0.7 is 0.699999988, in the lower bin; a float64 just above 0.7 that is
    rounded to it belongs to the upper one.
    """
    pytest.importorskip("onnxruntime")
    assert float(np.float32(0.7)) < 0.7
    just_above = np.nextafter(0.7, 1.0)
    assert STEP.apply([just_above, float(np.float32(just_above))]) == pytest.approx([0.4, 0.2])
    made = export_calibrator(STEP, "onnx", rows=np.array([just_above]))
    assert made.tolerance == 1e-12
    assert max(made.differences.values()) <= 1e-12
    with pytest.raises(SettingsError, match=r"differs .* by 0\.2 .*beside a step.*--dtype float64"):
        export_calibrator(STEP, "onnx", options=Options(dtype="float32"))


def test_float32_counts_from_the_stored_score() -> None:
    """A row that float32 cannot hold is compared with the answer to the row, not to its rounding.

    1 − 1e-10 is 1 as float32, whose logit is cut at that of the floor, 1 − 1e-12.
    """
    pytest.importorskip("onnxruntime")
    smooth = EVERY["temperature-probability"]
    assert export_calibrator(smooth, "onnx").tolerance == 1e-6
    assert export_calibrator(smooth, "onnx", rows=np.array([0.1, 0.7])).differences
    with pytest.raises(SettingsError, match=r"is steep.*--dtype float64"):
        export_calibrator(smooth, "onnx", rows=np.array([1.0 - 1e-10]))
    rows = np.array([1.0 - 1e-10])
    assert export_calibrator(
        smooth, "onnx", options=Options(dtype="float64"), rows=rows
    ).differences


def test_torch_source_warns_of_steps() -> None:
    """A module takes scores of any type; where the map has steps its text says what to give it."""
    for calibrator, told in ((STEP, True), (EVERY["platt-logit"], False)):
        made = export_calibrator(calibrator, "torch", unverified=True)
        assert ("rounded to float32 may fall beside a step" in str(made.content)) is told
