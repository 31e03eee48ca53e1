"""Words: from clean text to pieces, phrases, spelled units and labels."""
