"""Why an invoice line is what it is, from the published warehouse."""
