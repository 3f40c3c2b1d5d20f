"""How fast Bursar is, measured on the machine at hand: `python -m benchmarks`."""
