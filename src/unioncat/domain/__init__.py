"""What the project talks about: frozen dataclasses and enums, standard library only."""
