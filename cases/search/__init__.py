"""Finding Chinese text: normal forms and tokens, the index of both engines, suggestions."""
