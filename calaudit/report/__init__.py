"""What was found, and how it is shown: result dataclasses, and a renderer a format.

Renderers see only the dataclasses of `calaudit.report.evaluation_report`. This package imports
nothing by itself, so that a command that needs one of its modules does not wait for the others.
"""
