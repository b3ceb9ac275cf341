"""Who sings what when: DAS's tables, other tools' formats, song types."""
