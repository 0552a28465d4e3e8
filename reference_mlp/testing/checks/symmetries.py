"""What must not matter: the order of rows, the names of classes, how a batch is cut."""
