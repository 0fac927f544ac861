"""From the rows and what errors cost to the report of ``calaudit threshold``."""
