"""What ``calaudit check`` is asked, and which rows it pairs."""
