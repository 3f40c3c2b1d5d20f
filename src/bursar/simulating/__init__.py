"""What would the bills be under other prices, or other metrics?

Owns `bursar simulate` and `bursar diff` below the command line: each side of a comparison is built
in a project of its own beside the real one (`workspace`, `sides`), and the two warehouses are held
against each other with SQL (`comparing`, `line_changes`). It changes neither the project's build
nor what it published, its compiled metrics, its ledger or its landed events.
"""
