"""Made-up cases in any number, and how fast the site answers over them. Nothing public needs it."""
