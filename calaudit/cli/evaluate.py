"""``calaudit evaluate``: audit files of predictions."""

from __future__ import annotations

from calaudit.cli import options
from calaudit.cli.help import example

__all__ = ["EXAMPLE", "evaluate"]

EXAMPLE = example(
    "calaudit evaluate predictions.parquet",
    "calaudit evaluate test.csv --label y --score p --by region -o report.json",
    "calaudit evaluate 'run/*.parquet' --logits logit_ --worst 10",
)


def evaluate(
    data: options.Data,
    label: options.Label = None,
    score: options.Score = None,
    probs: options.Probs = None,
    logits: options.Logits = None,
    confidence: options.Confidence = None,
    correct: options.Correct = None,
    prediction: options.Prediction = None,
    weight: options.Weight = None,
    id: options.Id = None,  # noqa: A002 - the option's name
    by: options.By = None,
    positive: options.Positive = None,
    classes: options.Classes = None,
    out_of: options.OutOf = 1.0,
    task: options.Task = None,
    weight_kind: options.WeightKind = "importance",
    bins: options.Bins = None,
    convention: options.Convention = "right",
    level: options.Level = 0.95,
    seed: options.Seed = 0,
    clip: options.Clip = 2**-52,
    on_invalid: options.OnInvalid = "refuse",
    threads: options.Threads = None,
    calibrator: options.Calibrator = None,
    worst: options.Worst = 0,
    json: options.Json = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Audit predictions: a verdict, and the figures behind it."""
    from calaudit.cli.outputs import checked_outputs, write_outputs
    from calaudit.cli.progress import Progress
    from calaudit.cli.streams import print_report

    files = checked_outputs(output or [], data)
    from calaudit.api.evaluation import evaluate as audit

    with Progress(quiet=quiet) as progress:
        report = audit(
            data[0] if len(data) == 1 else data,
            label=label,
            score=score,
            probs=options.column_names(probs),
            logits=options.column_names(logits),
            confidence=confidence,
            correct=correct,
            prediction=prediction,
            weight=weight,
            id=id,
            by=tuple(by or ()),
            positive=positive,
            classes=options.names(classes),
            out_of=out_of,
            task=task,
            bins=bins,
            convention=convention,
            level=level,
            seed=seed,
            clip=clip,
            on_invalid=on_invalid,
            worst=worst,
            threads=threads,
            weight_kind=weight_kind,
            calibrator=calibrator,
            progress=progress,
        )
    write_outputs(report, files, quiet=quiet)
    print_report(report, as_json=json)
