"""Every kind of report as a document: one module a kind, and one for each part that they share."""
