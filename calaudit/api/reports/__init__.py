"""From the summary of the rows to the report of ``calaudit evaluate``."""
