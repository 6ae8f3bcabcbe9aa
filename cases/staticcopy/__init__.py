"""The public site as files that any file server can show."""
