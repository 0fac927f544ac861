"""What an export is made for."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option

EXPORT = "Export"

_export = partial(Option, panel=EXPORT)


class ExportOptions(TypedDict, total=False):
    """Options of ``export``."""

    columns: Annotated[
        Sequence[str],
        _export(
            "SQL: the score columns, one a class.",
            "SQL: the score columns, one a class for multiclass; by default those of ``rows``.",
            default=(),
            metavar="A,B,C",
            shown="those of --rows",
        ),
    ]
    dtype: Annotated[
        str | None,
        _export(
            "ONNX: type of what goes in and out.",
            'ONNX: "float32" or "float64", of what goes in and out. None for float32, or float64 '
            "for a map with bins or knots, where rounded scores would fall beside a step.",
            choices=("float32", "float64"),
            metavar="TYPE",
            shown="float32; float64 for histogram and isotonic",
        ),
    ]
    rows: Annotated[
        Any,
        _export(
            "Try the first rows of these predictions as well.",
            "A file of predictions, such as that of the fit, whose first rows are tried as well.",
            metavar="DATA",
        ),
    ]
    unverified: Annotated[
        bool,
        _export(
            "Accept an export that nothing here can run.",
            "Accept an artefact that nothing on this machine can run; it says so.",
            default=False,
        ),
    ]
