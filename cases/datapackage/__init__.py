"""The whole collection as files: written, checked, and stored again."""
