"""A report as one page that opens from disk: its sections, and the blocks that they are made of.

Builders turn a report into sections of blocks; the templates draw blocks and know nothing of
reports. Every string passes `calaudit.visible.visible` and Jinja2's escaping.
"""
