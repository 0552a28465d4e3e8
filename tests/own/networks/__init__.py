"""Networks as people write them, some with the mistakes they make: what adapters are tried on."""
