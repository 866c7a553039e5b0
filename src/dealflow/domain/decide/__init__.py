"""Command + deal + context -> facts, or a refusal."""
