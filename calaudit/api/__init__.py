"""The use cases, one module a command: the only place where the rooms meet.

What a use case is made of lies in a folder: ``rows`` (what is read, and how it is divided),
``reports`` (evaluate), ``decisions`` (threshold), ``checks`` (check) and ``audits`` (audit).
"""
