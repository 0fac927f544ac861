"""What is drawn of reports, as charts."""
