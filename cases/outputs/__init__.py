"""A record in, text or bytes out; no request, no query."""
