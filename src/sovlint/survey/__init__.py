"""Resources meet the catalogue and become facts. No severities, no profiles here."""
