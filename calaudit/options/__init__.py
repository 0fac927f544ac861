"""Every option, declared once: its type, default, documentation, help and spelling.

A declaration is a key of a `TypedDict`, annotated with its type and an `Option`; modules that hold
some do without ``from __future__ import annotations``, which would make texts of both.

A command takes a `TypedDict` of options, put together from those here. Of it are made the keyword
arguments of the function with their documentation, the options of the command line with their
help, the keys of a configuration file, and the command that makes a report again.
"""

from importlib import import_module

from calaudit.errors import CalauditError

SPOKEN = "calaudit.options.spoken"  # which is imported when something is said
CalauditError.spoken = staticmethod(lambda line: str(import_module(SPOKEN).spoken(line)))
