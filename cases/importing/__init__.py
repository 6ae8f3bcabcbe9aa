"""From an article to drafts. Nothing here publishes, and nothing fetches an address.

reading (bytes → Article) → extraction (Article → Findings, no database) → drafts (→ records).
"""
