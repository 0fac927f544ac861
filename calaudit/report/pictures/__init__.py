"""Pictures of reports: Vega-Lite specifications made of a report alone, and rendered offline."""

from calaudit.report.pictures.gallery import chart_of, picture_of, pictures_of
from calaudit.report.pictures.inline import themed_svg, themed_svgs
from calaudit.report.pictures.palette import DARK, LIGHT, css_variables
from calaudit.report.pictures.picture import SUFFIXES, Picture

__all__ = [
    "DARK",
    "LIGHT",
    "SUFFIXES",
    "Picture",
    "chart_of",
    "css_variables",
    "picture_of",
    "pictures_of",
    "themed_svg",
    "themed_svgs",
]
