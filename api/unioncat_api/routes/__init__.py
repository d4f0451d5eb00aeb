"""The addresses of the JSON interface, one module for each kind of thing."""
