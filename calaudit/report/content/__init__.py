"""What the sections of a report say, as strings: every renderer that people read shows the same.

A module a section. Nothing here knows a width, a colour or an alphabet.
"""
