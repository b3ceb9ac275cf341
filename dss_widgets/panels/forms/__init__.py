"""Forms made from the declaration of options, and what belongs to them: folders, config files, code."""
